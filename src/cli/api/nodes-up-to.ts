const PAGE_SIZE_MAX = 50;

/** The first nodes of a list, in pages no larger than they need to be. */
export async function nodesUpTo<Node>(limit: number, list: (pageSize: number) => AsyncIterable<Node>): Promise<Node[]> {
  const nodes: Node[] = [];
  for await (const node of list(Math.min(limit, PAGE_SIZE_MAX))) {
    nodes.push(node);
    if (nodes.length === limit) break;
  }
  return nodes;
}
