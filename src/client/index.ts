export type {
  AbortOptions,
  AuditEvent,
  ExportTableRequest,
  ListOptions,
  OutportClient,
  OutportClientOptions,
  RequestedExport,
  RequestOptions,
  WaitOptions,
} from './client.ts';
export { createOutportClient } from './client.ts';
export type { TypedDocument } from './document.ts';
export {
  ExportEndedError,
  NoSuchExportError,
  NotAuthenticatedError,
  NotPermittedError,
  OutportError,
  RefusedError,
  TimedOutError,
  TransportError,
} from './errors.ts';
export * from './generated/operations.ts';
export type { WebSocketConstructor } from './socket.ts';
export { hasEnded } from './watch.ts';
