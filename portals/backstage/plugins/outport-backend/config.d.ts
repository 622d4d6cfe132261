export interface Config {
  outport: {
    /** The GraphQL API of Outport: `https://…/graphql`. */
    url: string;

    /** The WebSocket API of Outport: `wss://…`. Left out, exports are followed by asking every two seconds. */
    webSocketUrl?: string;

    /** How to get the token that Outport knows this Backstage by: one of the two. */
    auth: {
      /**
       * A token that does not change.
       * @visibility secret
       */
      token?: string;

      /** An OAuth 2.0 client of the issuer that Outport trusts (RFC 6749, section 4.4). */
      clientCredentials?: {
        tokenUrl: string;
        clientId: string;
        /** @visibility secret */
        clientSecret: string;
        /** Where the issuer wants to be told which scope. */
        scope?: string;
        /** Where the issuer wants to be told whom the token is for. */
        audience?: string;
      };
    };
  };
}
