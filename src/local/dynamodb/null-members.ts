/** Members that map names to attribute values. Every other member of a request is a structure, or holds such. */
const ATTRIBUTE_MAPS = new Set(['Item', 'Key', 'Keys', 'ExclusiveStartKey', 'ExpressionAttributeValues', 'M']);

/**
 * A request without its nulls, which JSON has and DynamoDB's types have not: a member that is null was not sent, an element
 * of a list or an attribute that is null is an empty one, for the operation's own rules to refuse.
 */
export function withoutNulls(value: unknown, isAttributeMap = false): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => (element === null ? {} : withoutNulls(element, isAttributeMap)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    if (member !== null) return [[name, withoutNulls(member, ATTRIBUTE_MAPS.has(name))]];
    return isAttributeMap ? [[name, {}]] : [];
  });
  return Object.fromEntries(members);
}
