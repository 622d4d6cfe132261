import { createEventBus } from '../services/events/event-bus.ts';
import { createSender } from '../services/subscriptions/sender.ts';
import { readWebhooks } from './configured-webhooks.ts';
import { createControlPlane } from './control-plane.ts';
import { eventBusName, websocketEndpoint } from './environment.ts';
import { createPublishHandler } from './publish-handler.ts';

export const handler = createPublishHandler(
  createControlPlane(process.env),
  createSender(websocketEndpoint(process.env)),
  createEventBus(eventBusName(process.env), { brief: true }),
  readWebhooks(process.env),
);
