/** Where an Outport is, and who calls it. */
export interface Connection {
  /** The GraphQL API: `https://…/graphql`. */
  readonly url: string;
  /** The token, or what gives one for each request and connection, so that it can be renewed. */
  readonly token: string | (() => string | Promise<string>);
  /** Sent with each request over HTTP. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch | undefined;
}

export const tokenOf = async ({ token }: Connection): Promise<string> => (typeof token === 'string' ? token : token());
