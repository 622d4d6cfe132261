import { createSender } from '../services/subscriptions/sender.ts';
import { websocketEndpoint } from './configuration.ts';
import { createControlPlane } from './control-plane.ts';
import { createPublishHandler } from './publish-handler.ts';

export const handler = createPublishHandler(
  createControlPlane(process.env),
  createSender(websocketEndpoint(process.env)),
);
