import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ConsoleFile } from './console-files.ts';

/** Of a year, as what has a hash in its name never changes. */
const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, and asked about each time. */
const REVALIDATE = 'no-cache';

const PAGE = '/index.html';
const GRAPHIQL = '/graphiql/index.html';

export type ConsoleHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * The console: static files, without a look at who asks, as there is nothing in them to protect. Every path that does
 * not look like a file's is a page of the console, which finds its way by the address.
 * @param websocketUrl where the console subscribes: on AWS another host than its own
 * @param options `graphiql`: whether there is GraphiQL, at `/graphiql`; of no use without introspection
 */
export function createConsoleHandler(
  files: ReadonlyMap<string, ConsoleFile>,
  websocketUrl: string,
  { graphiql }: { readonly graphiql: boolean },
): ConsoleHandler {
  const securityHeaders = {
    'content-security-policy': contentSecurityPolicy(websocketUrl),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };

  return async ({ rawPath, headers }) => {
    if (rawPath === '/config.json') {
      return {
        statusCode: 200,
        headers: { ...securityHeaders, 'content-type': 'application/json', 'cache-control': REVALIDATE },
        body: JSON.stringify({ websocketUrl }),
      };
    }
    const name = nameOf(rawPath);
    const file = name === GRAPHIQL && !graphiql ? undefined : files.get(name);
    if (file === undefined) {
      const body = `There is no ${rawPath} in this version of the console. Load the page again.`;
      return { statusCode: 404, headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' }, body };
    }
    const sent = {
      ...securityHeaders,
      'cache-control': name.startsWith('/assets/') ? FOREVER : REVALIDATE,
      etag: file.etag,
      vary: 'accept-encoding',
    };
    if (headers['if-none-match']?.includes(file.etag)) return { statusCode: 304, headers: sent };
    const gzip = headers['accept-encoding']?.includes('gzip') ?? false;
    return {
      statusCode: 200,
      headers: { ...sent, 'content-type': file.contentType, ...(gzip && { 'content-encoding': 'gzip' }) },
      body: (gzip ? file.gzipped() : file.plain).toString('base64'),
      isBase64Encoded: true,
    };
  };

  function nameOf(path: string): string {
    if (graphiql && /^\/graphiql\/?$/.test(path)) return GRAPHIQL;
    return files.has(path) || looksLikeFile(path) ? path : PAGE;
  }
}

const looksLikeFile = (path: string): boolean => /\.\w+$/.test(path);

/**
 * Nothing comes from elsewhere. Inline styles are the component library's: it sets its theme and positions with them.
 * GraphiQL's fonts are in its style sheet.
 */
const contentSecurityPolicy = (websocketUrl: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${new URL(websocketUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
