import { type ExportRecord, type Requester, readExport } from '../records/export-records.ts';
import { recordRefusedPreflight } from './audit.ts';
import { authorizeExport } from './authorize-export.ts';
import { checkDestination } from './destinations.ts';
import { exportIdOf } from './export-id.ts';
import { type ExportRequest, type ExportTableInput, inputHash, parseExportRequest } from './export-request.ts';
import { newExport } from './new-export.ts';
import type { Outport } from './outport.ts';
import { CHECK_CODES, type Check, failed, failedWith, passed, refusalsOf, unknown } from './preflight/check.ts';
import { checkBucket } from './preflight/check-bucket.ts';
import { checkLimits } from './preflight/check-limits.ts';
import { checkTable } from './preflight/check-table.ts';
import { type Estimates, estimate } from './preflight/estimates.ts';
import { readPastExports } from './preflight/past-exports.ts';
import type { Principal, RequestOrigin } from './principal.ts';

/** What would become of a request, before anything is started. */
export interface Preflight {
  /** Whether nothing is known that speaks against it. */
  readonly ready: boolean;
  readonly checks: readonly Check[];
  /** Null when the table could not be read. */
  readonly estimates: Estimates | null;
}

/**
 * Finds every reason why a request would be refused at once or fail minutes later, all at once. A denial is in the audit:
 * who may not export may not feel around for where they might either.
 */
export async function preflight(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  input: ExportTableInput,
): Promise<Preflight> {
  const parsed = parseExportRequest(input);
  if (!parsed.ok)
    return answer(
      parsed.errors.map((error) => failedWith('INPUT', error)),
      null,
    );
  const request = parsed.value;
  const valid = passed('INPUT', 'Every field is valid by itself.');
  const { decision, error } = authorizeExport(outport, principal, request);
  if (error) {
    await recordRefusedPreflight(outport, { principal, origin, request, decision, error });
    // Whoever may not export the table learns nothing of it, or of the bucket.
    return answer([valid, failedWith('PERMISSION', error)], null);
  }

  const exportId = exportIdOf(principal.issuer, principal.subject, request.clientToken);
  const [earlier, examined] = await Promise.all([
    readExport(outport.table, exportId),
    examine(outport, principal, request),
  ]);
  const { checks, estimates } = examined;
  const found = [valid, passed('PERMISSION', permitted(request)), checkClientToken(request, earlier), ...checks];
  if (estimates === null) return answer(found, null);
  const draft = newExport(outport, principal, request, exportId, estimates);
  return answer([...found, await checkLimits(outport, draft, input.whenFull ?? 'QUEUE')], estimates);
}

export interface Examined {
  readonly checks: readonly Check[];
  /** Null when the table could not be read, which is among the refusals. */
  readonly estimates: Estimates | null;
}

/** Looks for everything that DynamoDB would stumble over, and estimates what the export may come to. */
export async function examine(outport: Outport, person: Requester, request: ExportRequest): Promise<Examined> {
  const [{ checks, tableSizeBytes }, past] = await Promise.all([
    askAws(outport, person, request),
    readPastExports(outport.table, request),
  ]);
  return { checks, estimates: tableSizeBytes === null ? null : estimate(request, tableSizeBytes, past) };
}

/** Asks AWS, in the session that would export, about the table and the bucket as they are now. */
export async function askAws(
  outport: Outport,
  person: Requester,
  request: ExportRequest,
): Promise<{ readonly checks: readonly Check[]; readonly tableSizeBytes: number | null }> {
  const { table, destination } = request;
  const clients = outport.accounts(table, { to: 'EXPORT', person, table, destination });
  const allowed = checkDestination(outport.destinations, person, request);
  const [ofTable, ofBucket] = await Promise.all([
    checkTable(clients, request, outport.now()),
    checkBucket(clients, request, allowed.allowed ? allowed.region : null),
  ]);
  const filter = request.filter
    ? [
        unknown(
          'FILTER',
          'DynamoDB itself parses the expressions, when the export starts; it refuses bad ones at once.',
        ),
      ]
    : [];
  return { checks: [...ofTable.checks, ...filter, ...ofBucket], tableSizeBytes: ofTable.sizeBytes };
}

const permitted = ({ table, destination }: ExportRequest): string =>
  `ExportTable is permitted on ${table.arn} to bucket ${destination.bucket}.`;

function checkClientToken(request: ExportRequest, earlier: ExportRecord | null): Check {
  if (earlier === null) return passed('CLIENT_TOKEN', 'The client token is new.');
  if (earlier.inputHash === inputHash(request)) {
    return passed('CLIENT_TOKEN', `The request was sent before: it is answered with the export ${earlier.id}.`);
  }
  const message = `The client token "${request.clientToken}" belongs to a request with another input.`;
  return failed('CLIENT_TOKEN', 'CLIENT_TOKEN_REUSED', message);
}

/** Checks that depend on one that failed are UNKNOWN, so that every answer has them all. */
function answer(found: readonly Check[], estimates: Estimates | null): Preflight {
  const looked = new Set(found.map(({ code }) => code));
  const others = CHECK_CODES.filter((code) => !looked.has(code) && code !== 'FILTER');
  const missing = others.map((code) => unknown(code, 'Not looked at, as another check failed.'));
  const byOrder = (a: Check, b: Check) => CHECK_CODES.indexOf(a.code) - CHECK_CODES.indexOf(b.code);
  return { ready: refusalsOf(found).length === 0, checks: [...found, ...missing].sort(byOrder), estimates };
}
