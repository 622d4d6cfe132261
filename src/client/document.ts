/** What a document knows of its types, as `@graphql-typed-document-node/core` has it. Nothing of it is there at run time. */
export interface DocumentTypeDecoration<Result, Variables> {
  readonly __apiType?: (variables: Variables) => Result;
}

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
