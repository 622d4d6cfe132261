import type { Export } from '@outport/backstage-plugin-outport-common';

/** A list of exports, the newest first, with what is now known of one of them. What is older than that changes nothing. */
export function withUpdate(exports: readonly Export[], update: Export): readonly Export[] {
  const known = exports.find(({ id }) => id === update.id);
  if (!known) return [update, ...exports];
  return known.version < update.version ? exports.map((each) => (each === known ? update : each)) : exports;
}
