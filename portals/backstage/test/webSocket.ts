import { WebSocket } from 'ws';

// Backstage runs on Node.js 22 and newer, which have it; the tests run on Node.js 20 as well.
Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? WebSocket });
