import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ChainEntry } from '../records/audit-chain.ts';
import type { AuditEvent as AuditRecord } from '../records/audit-event.ts';
import { AuditDecision, AuditOutcome, AuditSource } from './enums.ts';

const text = (description: string) => Field(() => String, { nullable: true, description });

@ObjectType({ description: 'Something that was asked, decided or done. Events are only ever added.' })
export class AuditEvent implements AuditRecord {
  @Field(() => ID, { description: "Unique; CloudTrail's `eventID` for its events." })
  id!: string;

  @Field(() => GraphQLDateTime, { description: 'When it happened. CloudTrail tells whole seconds.' })
  eventTime!: string;

  @Field(() => AuditSource, { description: 'Who recorded it.' })
  source!: AuditRecord['source'];

  @Field({
    description:
      'What was asked for, as the policies name it: `ExportTable`, `CancelExport`, `ViewAudit`. Of CloudTrail, the AWS API.',
  })
  eventName!: string;

  @Field(() => AuditOutcome, { description: 'What the event tells.' })
  outcome!: AuditRecord['outcome'];

  @text('The OpenID Connect issuer of the person.')
  issuer!: string | null;

  @text("The person's subject, or the ARN that CloudTrail names.")
  principal!: string | null;

  @text("The person's name, if their token had one.")
  principalName!: string | null;

  @text('Where the request came from.')
  sourceIpAddress!: string | null;

  @text('The client that sent the request, by its own account.')
  userAgent!: string | null;

  @text('The id of the request, as in the logs.')
  requestId!: string | null;

  @text('ARN of the table it is about.')
  tableArn!: string | null;

  @text('The id of the export it is about.')
  exportId!: string | null;

  @text("DynamoDB's ARN of the export it is about.")
  exportArn!: string | null;

  @text(
    'What was asked for, as JSON with every default filled in; of a filter, without the values that it compares with.',
  )
  input!: string | null;

  @Field(() => AuditDecision, { nullable: true, description: 'What the policies decided, where they were asked.' })
  decision!: AuditRecord['decision'];

  @Field(() => [String], {
    description: 'The policies that decided; none when the request was denied because no policy permits it.',
  })
  policyIds!: readonly string[];

  @text('Why it was refused or failed: a code of ours, or the one of AWS.')
  errorCode!: string | null;

  @text('The same in words.')
  errorMessage!: string | null;
}

@ObjectType({
  description:
    'A record of a hash chain. `hash` is the SHA-256, in hexadecimal, of all its other fields and those of its event as a JSON array of [name, value], sorted by name, without those that are null or empty lists.',
})
export class AuditChainEntry implements ChainEntry {
  @Field(() => Int, { description: 'The chain: 0 to 15.' })
  chain!: number;

  @Field(() => Int, { description: '1 for the first record of the chain, then one more each.' })
  sequence!: number;

  @Field({ description: '`hash` of the record before; 64 zeros in the first.' })
  previousHash!: string;

  @Field({ description: 'What the next record holds on to.' })
  hash!: string;

  @Field(() => AuditEvent, { nullable: true, description: 'The event; null when the viewer may not read it.' })
  event!: AuditEvent | null;
}

@ObjectType({ description: 'A page of a hash chain.' })
export class AuditChain {
  @Field(() => [AuditChainEntry], { description: 'The records, in the order of the chain.' })
  entries!: readonly AuditChainEntry[];

  @Field({ description: 'Whether there are more: go on after the last `sequence`.' })
  hasNextPage!: boolean;
}
