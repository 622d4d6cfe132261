import { ApolloServer, HeaderMap } from '@apollo/server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

const queued = (id: string) => ({ id, status: 'QUEUED', version: 1 });

/*
 * The least that answers GraphQL with Apollo Server behind API Gateway: nobody is asked who they are, nothing is decided,
 * read or written. It takes the place of the function `graphql`, so that all else is the same.
 */
const server = new ApolloServer({
  typeDefs: `
    type Export { id: ID!, status: String!, version: Int! }
    type PageInfo { endCursor: String }
    type ExportConnection { nodes: [Export!]!, pageInfo: PageInfo! }
    type ExportUserError { code: String! }
    type ExportTablePayload { export: Export, userErrors: [ExportUserError!]! }
    input ExportDestinationInput { bucket: String! }
    input ExportTableInput { tableArn: String!, destination: ExportDestinationInput!, clientToken: String! }
    type Query { export(id: ID!): Export, exports(first: Int!): ExportConnection! }
    type Mutation { exportTable(input: ExportTableInput!): ExportTablePayload! }
  `,
  resolvers: {
    Query: {
      export: (_: unknown, { id }: { id: string }) => queued(id),
      exports: (_: unknown, { first }: { first: number }) => ({
        nodes: Array.from({ length: first }, (_node, n) => queued(String(n))),
        pageInfo: { endCursor: null },
      }),
    },
    Mutation: {
      exportTable: (_: unknown, { input }: { input: { clientToken: string } }) => ({
        export: queued(input.clientToken),
        userErrors: [],
      }),
    },
  },
  stopOnTerminationSignals: false,
});
await server.start();

export async function handler({ body, headers }: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const given = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) given.set(name, value);
  const response = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers: given, search: '', body: JSON.parse(body ?? '') },
    context: async () => ({}),
  });
  if (response.body.kind !== 'complete') throw new Error('the answer came in chunks');
  return {
    statusCode: response.status ?? 200,
    headers: Object.fromEntries(response.headers),
    body: response.body.string,
  };
}
