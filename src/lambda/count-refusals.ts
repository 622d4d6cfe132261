import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Metrics } from './metrics.ts';

/** Counts what mutations refuse, by code, over whichever transport they came and whatever of the answer was asked for. */
export function countRefusals(schema: GraphQLSchema, metrics: Metrics): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (...args) => {
      const payload: unknown = await resolve(...args);
      for (const code of codesIn(payload)) countRefusal(metrics, code);
      return payload;
    };
  }
}

/** @param code of an error that a caller is told of */
export function countRefusal(metrics: Metrics, code: string): void {
  metrics.put({ Refusals: 1 }, { name: 'code', value: code });
}

function codesIn(payload: unknown): string[] {
  const { userErrors } = Object(payload);
  return Array.isArray(userErrors) ? userErrors.map(({ code }) => String(code)) : [];
}
