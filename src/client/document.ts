import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';

/**
 * A GraphQL document that knows its types, as GraphQL Code Generator writes it with `documentMode: 'string'`; or a string,
 * of whose answer nothing is known.
 */
export type TypedDocument<Result, Variables> = DocumentTypeDecoration<Result, Variables> & {
  readonly length: number;
  toString(): string;
};

/** Whether running it twice does no more than running it once: it is a query. */
export const isQuery = (document: string): boolean => /^\s*(?:query\b|\{)/.test(document);
