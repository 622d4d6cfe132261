import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { type Message, stringifyMessage } from 'graphql-ws';
import { BOUNDED_CALLS } from '../bounded-calls.ts';

/** GONE: the connection has ended. TOO_LARGE: API Gateway takes no message of more than 128 KB. */
export type Sent = 'SENT' | 'GONE' | 'TOO_LARGE';

/** Reaches connections through API Gateway's management API. What it throws may succeed when it is tried again. */
export interface Sender {
  send(connectionId: string, message: Message): Promise<Sent>;
  /**
   * Closes a connection for breaking the protocol. API Gateway lets no backend choose the close code, so clients see
   * 1000 where the protocol has 4400, 4401, 4403, 4409 or 4429.
   */
  close(connectionId: string): Promise<void>;
}

/** @param endpoint the address of the WebSocket API and its stage, as clients use it (`wss://…/dev`) */
export function createSender(endpoint: string): Sender {
  const client = new ApiGatewayManagementApiClient({ endpoint: endpoint.replace(/^ws/, 'http'), ...BOUNDED_CALLS });
  return {
    async send(connectionId, message) {
      try {
        await client.send(
          new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(stringifyMessage(message)) }),
        );
        return 'SENT';
      } catch (error) {
        if (error instanceof GoneException) return 'GONE';
        if (error instanceof PayloadTooLargeException) return 'TOO_LARGE';
        throw error;
      }
    },
    async close(connectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
      }
    },
  };
}
