import type { Outport } from '../services/outport.ts';
import type { Principal, RequestOrigin } from '../services/principal.ts';

/** What every resolver is given: who asks, from where, and what to work with. */
export interface RequestContext {
  readonly principal: Principal;
  readonly origin: RequestOrigin;
  readonly outport: Outport;
}
