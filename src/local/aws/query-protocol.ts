import { XMLBuilder } from 'fast-xml-parser';

const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** The answer to an action of the Query protocol. */
export function queryResult(action: string, result: Readonly<Record<string, unknown>>, requestId: string): string {
  return xml.build({
    [`${action}Response`]: {
      '@xmlns': STS_NAMESPACE,
      [`${action}Result`]: result,
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

/** An error of the Query protocol. */
export function queryError(code: string, message: string, requestId: string, status: number): string {
  return xml.build({
    ErrorResponse: {
      '@xmlns': STS_NAMESPACE,
      Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
      RequestId: requestId,
    },
  });
}
