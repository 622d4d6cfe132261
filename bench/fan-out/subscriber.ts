import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Addresses, mintToken } from '../../demo/outport.ts';

/** A person may have so many connections. */
const CONNECTIONS_PER_PERSON = 100;

/** When somebody who follows an export has heard what, by `performance.now()`. */
export interface Following {
  /** The export as it is. */
  readonly begun: Promise<void>;
  /** The change that ended it. */
  readonly ended: Promise<number>;
}

/** One of many, with a connection of its own. */
export class Subscriber {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(addresses: Addresses, number: number): Promise<Subscriber> {
    const subject = `subscriber-${Math.floor(number / CONNECTIONS_PER_PERSON)}`;
    const token = await mintToken(addresses, { subject, name: subject, teams: ['platform'] });
    return new Promise((resolve, reject) => {
      const client = createClient({
        url: addresses.websocketUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
        lazy: false,
        retryAttempts: 0,
        onNonLazyError: reject,
        on: { connected: () => resolve(new Subscriber(client)) },
      });
    });
  }

  follow(id: string): Following {
    const updates = this.#client.iterate<{ exportUpdated: { status: string } }>({
      query: 'subscription ($id: ID!) { exportUpdated(id: $id) { status version } }',
      variables: { id },
    });
    const hear = async (status: string) => {
      const { value } = await updates.next();
      const heard = value?.data?.exportUpdated.status;
      if (heard !== status) throw new Error(`a subscriber heard ${JSON.stringify(value)} instead of ${status}`);
    };
    const begun = hear('QUEUED');
    const ended = begun.then(async () => {
      await hear('CANCELED');
      return performance.now();
    });
    return { begun, ended };
  }

  close(): void {
    this.#client.terminate();
  }
}
