import { createSender } from '../services/subscriptions/sender.ts';
import { createControlPlane } from './control-plane.ts';
import { websocketEndpoint } from './environment.ts';
import { createWebsocketHandler } from './websocket-handler.ts';

export const handler = createWebsocketHandler(
  createControlPlane(process.env),
  createSender(websocketEndpoint(process.env)),
);
