import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createAccounts } from '../../src/services/accounts.ts';
import type { Outport } from '../../src/services/outport.ts';

/** What a killed process does not get to see. */
export class Crash extends Error {}

/**
 * The control plane of a process that dies at its `point`th moment, counted over all its calls to DynamoDB, of records
 * and of tables alike: an odd moment is just before a call, an even one just after it. Once dead it does nothing more.
 */
export function crashingAt(point: number, outport: Outport): Outport {
  let moment = 0;
  const pass = () => {
    moment += 1;
    if (moment >= point) throw new Crash(`at moment ${point}`);
  };
  const watched = <Client extends DynamoDBClient>(client: Client): Client => {
    client.middlewareStack.add(
      (next) => async (args) => {
        pass();
        const result = await next(args);
        pass();
        return result;
      },
      { step: 'initialize', name: 'crash', override: true },
    );
    return client;
  };
  const role = { account: null, team: null, role: 'OutportExport', externalId: null };
  const accounts = createAccounts([role], outport.destinations);
  return {
    ...outport,
    table: {
      name: outport.table.name,
      client: DynamoDBDocumentClient.from(watched(new DynamoDBClient()), {
        marshallOptions: { removeUndefinedValues: true },
      }),
    },
    accounts: (scope, onBehalfOf) => {
      const clients = accounts(scope, onBehalfOf);
      watched(clients.dynamodb);
      return clients;
    },
  };
}
