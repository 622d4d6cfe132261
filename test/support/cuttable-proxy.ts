import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can be cut. */
export interface CuttableProxy {
  /** An address of the server, as it is through the proxy. */
  through(address: string): string;
  /** Breaks every connection off. */
  cut(): void;
  /** Breaks connections off instead of handing the next so many answers on. */
  loseAnswers(count: number): void;
  /** Whether new connections come about. */
  setReachable(reachable: boolean): void;
  close(): Promise<void>;
}

export async function startCuttableProxy(server: string): Promise<CuttableProxy> {
  const target = new URL(server);
  const sockets = new Set<Socket>();
  let reachable = true;
  let toLose = 0;
  const proxy = createServer((near) => {
    if (!reachable) return near.resetAndDestroy();
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
    far.on('data', (chunk) => {
      if (toLose === 0) return near.write(chunk);
      toLose -= 1;
      far.destroy();
      near.resetAndDestroy();
    });
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
    cut,
    loseAnswers(count) {
      toLose = count;
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
