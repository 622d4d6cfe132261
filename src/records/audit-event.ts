/** Something that was asked, decided or done. Written once, never changed and never deleted by Outport. */
export interface AuditEvent {
  readonly id: string;
  /** ISO 8601 with milliseconds, in UTC. CloudTrail gives whole seconds. */
  readonly eventTime: string;
  readonly source: 'OUTPORT' | 'CLOUDTRAIL';
  /**
   * What was called: an operation of Outport's API by the action that permits it, or the AWS API's name. `Preflight` is a
   * question that was refused, `Request` one that was refused before it was read.
   */
  readonly eventName: string;
  /**
   * REQUESTED: an attempt, written before anything was done about it. REPLAYED, REFUSED, QUEUED: what became of the
   * request. ADMITTED: its turn in the queue has come and it was decided on again. VERIFIED, MISMATCH, UNAVAILABLE: what a
   * verification found. GAP: changes of the table are in no link of a schedule. Else the state its export has reached, or, from CloudTrail, whether AWS accepted the call.
   */
  readonly outcome:
    | 'REQUESTED'
    | 'REPLAYED'
    | 'REFUSED'
    | 'QUEUED'
    | 'ADMITTED'
    | 'IN_PROGRESS'
    | 'COMPLETED'
    | 'FAILED'
    | 'CANCELED'
    | 'VERIFIED'
    | 'MISMATCH'
    | 'UNAVAILABLE'
    | 'GAP'
    | 'ACCEPTED'
    | 'REJECTED';
  readonly issuer: string | null;
  /** The person's subject, or the ARN that CloudTrail names. */
  readonly principal: string | null;
  readonly principalName: string | null;
  readonly sourceIpAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly tableArn: string | null;
  readonly exportId: string | null;
  readonly exportArn: string | null;
  /** The canonical input as JSON. */
  readonly input: string | null;
  readonly decision: 'ALLOW' | 'DENY' | null;
  /** The policies that decided; none when the request was denied because no policy permits it. */
  readonly policyIds: readonly string[];
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}
