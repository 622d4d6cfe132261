import { type Addresses, graphql, mintToken, subscribe } from './outport.ts';

/** An export as a person sees it. */
export interface Export {
  readonly id: string;
  readonly status: 'QUEUED' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELED';
  readonly queuePosition: number | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly itemCount: number | null;
  readonly failure: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  readonly verification: { readonly status: string } | null;
  readonly retryOf: { readonly id: string } | null;
  readonly viewerCanRetry: boolean;
}

interface UserError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly limit: { readonly retryAt: string | null } | null;
}

/** What became of a request about an export. */
export interface Answer {
  readonly export: Export | null;
  readonly userErrors: readonly UserError[];
}

export interface Preflight {
  readonly ready: boolean;
  readonly checks: ReadonlyArray<{
    readonly code: string;
    readonly status: string;
    readonly message: string;
    readonly remedy: string | null;
  }>;
  readonly estimates: {
    readonly tableSizeBytes: number;
    readonly duration: { readonly seconds: number } | null;
  } | null;
}

export interface Limits {
  readonly exports: { readonly inUse: number; readonly max: number } | null;
  readonly quotas: ReadonlyArray<{
    readonly scope: string;
    readonly name: string;
    readonly exports: { readonly inUse: number; readonly max: number | null };
    readonly startsPerDay: { readonly inUse: number; readonly max: number } | null;
  }>;
}

export interface AuditEvent {
  readonly eventTime: string;
  readonly source: 'OUTPORT' | 'CLOUDTRAIL';
  readonly eventName: string;
  readonly outcome: string;
  readonly principal: string | null;
  readonly principalName: string | null;
  readonly sourceIpAddress: string | null;
  readonly decision: string | null;
  readonly policyIds: readonly string[];
  readonly exportId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

const EXPORT = `id status queuePosition startTime endTime itemCount failure { code message remedy }
  verification { status } retryOf { id } viewerCanRetry`;
const ANSWER = `export { ${EXPORT} } userErrors { code message remedy limit { retryAt } }`;

/** Somebody who calls Outport's API with a token of their own. */
export class Person {
  readonly name: string;
  readonly #addresses: Addresses;

  private constructor(name: string, addresses: Addresses) {
    this.name = name;
    this.#addresses = addresses;
  }

  static async withToken(
    addresses: Addresses,
    name: string,
    teams: readonly string[],
    { expiresInSeconds }: { readonly expiresInSeconds?: number } = {},
  ): Promise<Person> {
    const claims = { subject: name.toLowerCase(), name, teams, ...(expiresInSeconds && { expiresInSeconds }) };
    return new Person(name, { ...addresses, token: await mintToken(addresses, claims) });
  }

  get token(): string {
    return this.#addresses.token;
  }

  async exportTable(input: Record<string, unknown>): Promise<Answer> {
    const { exportTable } = await this.#call<{ exportTable: Answer }>(
      `mutation ($input: ExportTableInput!) { exportTable(input: $input) { ${ANSWER} } }`,
      { input: { clientToken: crypto.randomUUID(), ...input } },
    );
    return exportTable;
  }

  async retryExport(id: string): Promise<Answer> {
    const { retryExport } = await this.#call<{ retryExport: Answer }>(
      `mutation ($input: RetryExportInput!) { retryExport(input: $input) { ${ANSWER} } }`,
      { input: { id, clientToken: crypto.randomUUID() } },
    );
    return retryExport;
  }

  async cancelExport(id: string): Promise<Answer> {
    const { cancelExport } = await this.#call<{ cancelExport: Answer }>(
      `mutation ($input: CancelExportInput!) { cancelExport(input: $input) { ${ANSWER} } }`,
      { input: { id } },
    );
    return cancelExport;
  }

  async preflight(input: Record<string, unknown>): Promise<Preflight> {
    const { preflight } = await this.#call<{ preflight: Preflight }>(
      `query ($input: ExportTableInput!) { preflight(input: $input) {
         ready checks { code status message remedy } estimates { tableSizeBytes duration { seconds } } } }`,
      { input: { clientToken: crypto.randomUUID(), ...input } },
    );
    return preflight;
  }

  async export(id: string): Promise<Export | null> {
    const { export: found } = await this.#call<{ export: Export | null }>(
      `query ($id: ID!) { export(id: $id) { ${EXPORT} } }`,
      { id },
    );
    return found;
  }

  async limits(account: string, region: string): Promise<Limits | null> {
    const { limits } = await this.#call<{ limits: Limits | null }>(
      `query ($account: String!, $region: String!) { limits(account: $account, region: $region) {
         exports { inUse max } quotas { scope name exports { inUse max } startsPerDay { inUse max } } } }`,
      { account, region },
    );
    return limits;
  }

  /** The first hundred events, oldest first, and up to when CloudTrail has been read. */
  async auditEvents(filter: Record<string, unknown>): Promise<{ nodes: AuditEvent[]; ingestedThrough: string | null }> {
    const { auditEvents } = await this.#call<{ auditEvents: { nodes: AuditEvent[]; ingestedThrough: string | null } }>(
      `query ($filter: AuditEventFilter) { auditEvents(first: 100, orderBy: EVENT_TIME_ASC, filter: $filter) {
         ingestedThrough
         nodes { eventTime source eventName outcome principal principalName sourceIpAddress decision policyIds
           exportId errorCode errorMessage } } }`,
      { filter },
    );
    return auditEvents;
  }

  /** Follows an export over WebSocket and returns it as it ended. */
  async followToTheEnd(id: string): Promise<Export> {
    const document = `subscription ($id: ID!) { exportUpdated(id: $id) { ${EXPORT} } }`;
    let last: Export | undefined;
    for await (const { exportUpdated } of subscribe<{ exportUpdated: Export }>(this.#addresses, document, { id })) {
      last = exportUpdated;
    }
    if (!last) throw new Error(`the subscription to ${id} ended without an update`);
    return last;
  }

  #call<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    return graphql<Data>(this.#addresses, query, variables);
  }
}
