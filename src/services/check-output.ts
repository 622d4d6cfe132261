import type { InProgressExport, Verification } from '../records/export-records.ts';
import type { AccountClients } from './accounts.ts';
import { classifyAwsError } from './aws-errors.ts';
import type { OutputLayout } from './output-layout.ts';
import { OutputMissing, OutputTooLarge, readOutput } from './read-output.ts';
import { type ExportOutput, type ReportedExport, type VerificationFindings, verifyOutput } from './verification.ts';

export interface CheckedOutput {
  readonly verification: Verification;
  /** S3 could not be asked just now, and may be asked again. */
  readonly again: boolean;
  /** What was read; null when it could not be. */
  readonly output: ExportOutput | null;
}

/**
 * Checks an export's output by what S3 and the manifests say of the files, without reading those. Not
 * being let in stays as it is, and proves nothing either way.
 */
export async function checkOutput(
  { s3 }: Pick<AccountClients, 's3'>,
  { destination }: Pick<InProgressExport, 'destination'>,
  layout: OutputLayout,
  reported: ReportedExport,
  now: Date,
): Promise<CheckedOutput> {
  const found = (
    status: Verification['status'],
    findings: Partial<VerificationFindings>,
    { again = false, output = null }: Partial<CheckedOutput> = {},
  ): CheckedOutput => ({
    verification: {
      status,
      deep: false,
      checkedAt: now.toISOString(),
      filesChecked: 0,
      bytesChecked: 0,
      itemsCounted: null,
      problems: [],
      ...findings,
    },
    again,
    output,
  });
  try {
    const output = await readOutput(s3, destination, reported.exportManifest, layout);
    const findings = verifyOutput(reported, output);
    return found(findings.problems.length === 0 ? 'VERIFIED' : 'MISMATCH', findings, { output });
  } catch (error) {
    if (error instanceof OutputMissing) return found('MISMATCH', { problems: [error.message] });
    if (error instanceof OutputTooLarge) return found('UNAVAILABLE', { problems: [error.message] });
    const failure = classifyAwsError(error);
    if (failure.kind === 'FINAL') return found('UNAVAILABLE', { problems: [failure.error.message] });
    return found('UNAVAILABLE', { problems: [failure.message] }, { again: true });
  }
}
