export const misconfigured = (variable: string, problem: string) => new Error(`${variable} ${problem}`);

/** @throws Error when the variable is not set */
export function required(env: NodeJS.ProcessEnv, variable: string): string {
  const value = env[variable];
  if (!value) throw misconfigured(variable, 'must be set');
  return value;
}

/** @throws Error when the variable is neither `true` nor `false`; false when it is not set */
export function trueOrFalse(env: NodeJS.ProcessEnv, variable: string): boolean {
  const text = env[variable] || 'false';
  if (text !== 'true' && text !== 'false') throw misconfigured(variable, 'must be true or false');
  return text === 'true';
}

/** `OUTPORT_INTROSPECTION`: whether the schema may be asked for over the API, and GraphiQL is served; off unless `true`. */
export const introspectionOf = (env: NodeJS.ProcessEnv): boolean => trueOrFalse(env, 'OUTPORT_INTROSPECTION');

/**
 * `OUTPORT_WEBSOCKET_ENDPOINT`: the address and stage of the WebSocket API, of those functions that answer over it.
 * @throws Error when it is not set
 */
export const websocketEndpoint = (env: NodeJS.ProcessEnv): string => required(env, 'OUTPORT_WEBSOCKET_ENDPOINT');

/**
 * `OUTPORT_EVENT_BUS`: the name of the EventBridge bus that moves of exports are told on.
 * @throws Error when it is not set
 */
export const eventBusName = (env: NodeJS.ProcessEnv): string => required(env, 'OUTPORT_EVENT_BUS');
