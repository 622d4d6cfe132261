import { S3Error } from './object-store.ts';

/** S3's refusals, with the codes, statuses and texts that its clients match on. */

export const accessDenied = (message = 'Access Denied') => new S3Error('AccessDenied', 403, message);

export const badDigest = (message: string) => new S3Error('BadDigest', 400, message);

export const invalidArgument = (message: string, name?: string, value?: string) =>
  new S3Error('InvalidArgument', 400, message, {
    ...(name !== undefined && { ArgumentName: name }),
    ...(value !== undefined && { ArgumentValue: value }),
  });

export const invalidRequest = (message: string) => new S3Error('InvalidRequest', 400, message);

export const incompleteBody = () =>
  new S3Error(
    'IncompleteBody',
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  );

export const malformedXml = () =>
  new S3Error(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const malformedTrailer = () =>
  new S3Error(
    'MalformedTrailerError',
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );

export const methodNotAllowed = (method: string) =>
  new S3Error('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.', {
    Method: method,
  });

export const noSuchBucket = (bucket: string) =>
  new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new S3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key });

export const noSuchUpload = (uploadId: string) =>
  new S3Error(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );

export const preconditionFailed = (condition: string) =>
  new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

/** A sub-resource that a bucket does not have. */
export const notConfigured = (code: string, message: string, bucket: string) =>
  new S3Error(code, 404, message, { BucketName: bucket });

/** What this S3 does not do is refused by name, never ignored. */
export const notImplemented = (what: string) =>
  new S3Error('NotImplemented', 501, `${what} is not implemented by this S3.`);
