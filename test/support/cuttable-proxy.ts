import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can be cut. */
export interface CuttableProxy {
  /** An address of the server, as it is through the proxy. */
  through(address: string): string;
  /** Connections that have been opened so far. */
  readonly opened: number;
  /** Breaks every connection off. */
  cut(): void;
  /** Breaks the connections off that answer from now on, before the first byte of an answer arrives. */
  loseAnswers(lose: boolean): void;
  /** Whether new connections come about. */
  setReachable(reachable: boolean): void;
  close(): Promise<void>;
}

export async function startCuttableProxy(server: string): Promise<CuttableProxy> {
  const target = new URL(server);
  const sockets = new Set<Socket>();
  let reachable = true;
  let losing = false;
  let opened = 0;
  const proxy = createServer((near) => {
    if (!reachable) return near.resetAndDestroy();
    opened += 1;
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk) => (losing ? near.resetAndDestroy() : near.write(chunk)));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = String(typeof address === 'object' ? address?.port : address);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    through(url) {
      const changed = new URL(url);
      changed.port = port;
      return changed.href;
    },
    get opened() {
      return opened;
    },
    cut,
    loseAnswers(lose) {
      losing = lose;
    },
    setReachable(value) {
      reachable = value;
      if (!value) cut();
    },
    async close() {
      const closed = new Promise((resolve) => proxy.close(resolve));
      cut();
      await closed;
    },
  };
}
