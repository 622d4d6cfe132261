import { randomUUID } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { RecordsTable } from '../../src/records/table.ts';
import { exportFailed, exportInProgress, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

const EXPORT = gql`query Export($id: ID!) { export(id: $id) { id status version } }`;
const FOLLOW = gql`subscription Follow($id: ID!) { exportUpdated(id: $id) { id status version } }`;

let outport: OutportProcess;
let records: RecordsTable;
beforeAll(async () => {
  outport = await startOutport();
  records = recordsTableOf(outport);
});
afterAll(async () => {
  records.client.destroy();
  await outport.stop();
});

test('Apollo Client keeps what it has shown up to date by a subscription, until the export has ended', async () => {
  const authorization = `Bearer ${outport.token}`;
  const socket = createClient({
    url: outport.websocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
  });
  const apollo = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: outport.graphqlUrl, headers: { authorization } }),
    ),
  });
  const id = randomUUID();
  await writeMove(records, exportInProgress(id, 1));
  const { data } = await apollo.query({ query: EXPORT, variables: { id } });
  expect(data).toMatchObject({ export: { id, status: 'IN_PROGRESS', version: 1 } });

  const heard: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    apollo.subscribe({ query: FOLLOW, variables: { id } }).subscribe({
      next: async ({ data: told }) => {
        heard.push(told);
        if (heard.length === 1) await writeMove(records, exportFailed(id, 2));
      },
      error: reject,
      complete: resolve,
    });
  });

  expect(heard).toMatchObject([{ exportUpdated: { version: 1 } }, { exportUpdated: { status: 'FAILED', version: 2 } }]);
  const shown = apollo.readQuery({ query: EXPORT, variables: { id } });
  expect(shown).toMatchObject({ export: { status: 'FAILED', version: 2 } });
  apollo.stop();
  await socket.dispose();
});
