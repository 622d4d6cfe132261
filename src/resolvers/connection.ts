import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { decodeCursor, encodeCursor, type ListFilter } from '../services/cursors.ts';
import type { ListPage } from '../services/list-page.ts';
import { badUserInput } from './top-level-errors.ts';

export const PAGE_MAX = 100;

@ObjectType({ description: 'Where a page stands in its list, as Relay defines it.' })
export class PageInfo {
  @Field({ description: 'Whether there may be more behind this page.' })
  hasNextPage!: boolean;

  @Field({ description: 'Always false: lists are read forward only.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Where to go on: the next `after`. A page may be short, even empty, with more behind it, as what the viewer may not see is passed over.',
  })
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { description: 'How many at most, 1 to 100.' })
  first!: number;

  @Field(() => String, {
    nullable: true,
    description: '`endCursor` of the page before, from the same list and filter.',
  })
  after?: string | null;
}

/** Makes the edge and connection types of a node type. */
export function connectionOf<Node extends object>(nodeClass: ClassType<Node>, name: string) {
  @ObjectType(`${name}Edge`, { description: 'A node with its place in the list.' })
  class Edge {
    @Field({ description: 'Opaque; good for `after` of the same list and filter.' })
    cursor!: string;

    @Field(() => nodeClass, { description: 'What the list is of.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: 'A page of a list.' })
  class Connection {
    @Field(() => [Edge], { description: 'The nodes with their cursors.' })
    edges!: Edge[];

    @Field(() => [nodeClass], { description: 'The nodes alone.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Whether and where the list goes on.' })
    pageInfo!: PageInfo;
  }
  return Connection;
}

/**
 * Checks the arguments of a page.
 * @param positions what the places of the list look like; left out: those of a history
 * @throws GraphQLError BAD_USER_INPUT for a size out of range or a cursor of another list
 */
export function pageOf(
  { first, after }: PageArgs,
  filter: ListFilter,
  positions?: RegExp,
): { first: number; after: string | null } {
  if (first < 1 || first > PAGE_MAX) throw badUserInput(`"first" must be between 1 and ${PAGE_MAX}, not ${first}.`);
  if (after == null) return { first, after: null };
  const position = decodeCursor(after, filter, positions);
  if (position === null) throw badUserInput('"after" is not a cursor of this list with this filter.');
  return { first, after: position };
}

export function toConnection<T>(
  { items, hasNextPage, endPosition }: ListPage<T>,
  positionOf: (item: T) => string,
  filter: ListFilter,
) {
  const edges = items.map((node) => ({ node, cursor: encodeCursor(positionOf(node), filter) }));
  return {
    edges,
    nodes: [...items],
    pageInfo: {
      hasNextPage,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: endPosition === null ? null : encodeCursor(endPosition, filter),
    },
  };
}
