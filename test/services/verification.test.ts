import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExportOutput, type ReportedExport, verifyOutput } from '../../src/services/verification.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('base64');

const FOLDER = 'AWSDynamoDB/01768385930622-efd1a093';
const REPORTED: ReportedExport = {
  exportArn: 'arn:aws:dynamodb:eu-north-1:111122223333:table/t/export/01768385930622-efd1a093',
  tableId: 'cf263806-6bf1-4e51-a242-7067dcdecc72',
  itemCount: 5,
  billedSizeBytes: 70,
  exportManifest: `${FOLDER}/manifest-summary.json`,
};
const FILES = [
  { itemCount: 2, md5Checksum: 'x', etag: `${'a'.repeat(32)}-1`, dataFileS3Key: `${FOLDER}/data/one.json.gz` },
  { itemCount: 3, md5Checksum: 'x', etag: `${'b'.repeat(32)}-1`, dataFileS3Key: `${FOLDER}/data/two.json.gz` },
];

function outputOf(summaryFields: Record<string, unknown> = {}, files = FILES): ExportOutput {
  const { exportManifest, ...reported } = REPORTED;
  const manifestFilesKey = `${FOLDER}/manifest-files.json`;
  const summary = JSON.stringify({ ...reported, manifestFilesS3Key: manifestFilesKey, ...summaryFields });
  const text = files.map((file) => `${JSON.stringify(file)}\n`).join('');
  return {
    summary,
    summaryMd5: md5(summary),
    manifestFilesKey,
    files: text,
    filesMd5: md5(text),
    dataFiles: new Map(FILES.map(({ dataFileS3Key, etag }) => [dataFileS3Key, { etag, sizeBytes: 50 }])),
    sharedFolder: false,
  };
}

const problemsOf = (output: ExportOutput) => verifyOutput(REPORTED, output).problems;

test('an output that agrees with its manifests and with DynamoDB has no problems', () => {
  expect(verifyOutput(REPORTED, outputOf())).toEqual({ filesChecked: 2, bytesChecked: 100, problems: [] });
});

test('one changed character of a manifest is found, wherever it is', () => {
  const change = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === '#' ? '%' : '#'}${text.slice(at + 1)}`;
  const good = outputOf();
  fc.assert(
    fc.property(fc.constantFrom('summary' as const, 'files' as const), fc.nat(), (name, at) => {
      const text = good[name];
      expect(problemsOf({ ...good, [name]: change(text, at % text.length) })).not.toEqual([]);
    }),
  );
});

test.each([
  ['exportArn', 'arn:other', 'exportArn of the summary'],
  ['tableId', 'other', 'tableId of the summary'],
  ['itemCount', 6, 'itemCount of the summary'],
  ['billedSizeBytes', 0, 'billedSizeBytes of the summary'],
  ['manifestFilesS3Key', 'other', 'manifestFilesS3Key of the summary'],
])('a summary with another %s is found, though its checksum is right', (field, value, what) => {
  expect(problemsOf(outputOf({ [field]: value }))).toEqual([expect.stringContaining(what)]);
});

test('counts that do not add up are found', () => {
  const [one, ...rest] = FILES;
  if (!one) throw new Error('no files');
  expect(problemsOf(outputOf({}, [{ ...one, itemCount: 1 }, ...rest]))).toEqual([
    'the sum of all itemCounts is 4, expected 5',
  ]);
});

test('files that are missing, changed or too many are found', () => {
  const output = outputOf();
  const dataFiles = new Map(output.dataFiles);
  dataFiles.delete(`${FOLDER}/data/one.json.gz`);
  dataFiles.set(`${FOLDER}/data/two.json.gz`, { etag: 'changed', sizeBytes: 50 });
  dataFiles.set(`${FOLDER}/data/three.json.gz`, { etag: 'new', sizeBytes: 50 });
  const problems = [
    `${FOLDER}/data/one.json.gz is missing`,
    `the ETag of ${FOLDER}/data/two.json.gz is changed, expected ${'b'.repeat(32)}-1`,
    `${FOLDER}/data/three.json.gz is in no manifest`,
  ];
  expect(problemsOf({ ...output, dataFiles })).toEqual(problems);
  expect(problemsOf({ ...output, dataFiles, sharedFolder: true })).toEqual(problems.slice(0, 2));
});

test.each([0, 19, 20])('a file of %i bytes is too small for its items', (sizeBytes) => {
  const output = outputOf();
  const [one] = FILES;
  const key = one?.dataFileS3Key ?? '';
  const dataFiles = new Map(output.dataFiles).set(key, { etag: one?.etag ?? '', sizeBytes });
  expect(problemsOf({ ...output, dataFiles })).toEqual([`${key} has ${sizeBytes} bytes, too few for 2 items`]);
});

test('junk instead of manifests is found, never thrown on', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (summary, files) => {
      expect(problemsOf({ ...outputOf(), summary, files })).not.toEqual([]);
    }),
  );
});
