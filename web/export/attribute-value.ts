const SHOWN_MAX = 80;

/** An attribute value of DynamoDB JSON, such as `{"S": "Ada"}`, as people would write it down. */
export function shortValue(value: unknown): string {
  if (value === undefined) return '';
  const text = plain(value);
  const written = typeof text === 'string' ? text : JSON.stringify(text);
  return written.length > SHOWN_MAX ? `${written.slice(0, SHOWN_MAX)}…` : written;
}

/** Numbers stay the text that they are: they have more digits than JavaScript's. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[type, content] = ['', undefined]] = Object.entries(value);
  switch (type) {
    case 'NULL':
      return 'null';
    case 'BOOL':
      return String(content);
    case 'M':
      return typeof content === 'object' && content !== null
        ? Object.fromEntries(Object.entries(content).map(([name, inner]) => [name, plain(inner)]))
        : content;
    case 'L':
      return Array.isArray(content) ? content.map(plain) : content;
    default:
      return content;
  }
}
