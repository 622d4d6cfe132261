import { createSender } from '../services/subscriptions/sender.ts';
import { websocketEndpoint } from './configuration.ts';
import { createControlPlane } from './control-plane.ts';
import { createWebsocketHandler } from './websocket-handler.ts';

export const handler = createWebsocketHandler(
  createControlPlane(process.env),
  createSender(websocketEndpoint(process.env)),
);
