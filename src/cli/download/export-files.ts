import {
  ExportFilesDocument,
  type ExportFilesQuery,
  NoSuchExportError,
  type OutportClient,
} from '../../client/index.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

type FileConnection = NonNullable<NonNullable<ExportFilesQuery['export']>['files']>;

/** A data file as it is listed. */
type ListedFile = FileConnection['nodes'][number];

/** A data file whose address can be asked for again, as each is good for minutes only. */
export interface RemoteFile extends Pick<ListedFile, 'key' | 'md5Checksum'> {
  readonly sizeBytes: number;
  /** An address that is good for a while. */
  address(): Promise<string>;
}

const PAGE_SIZE = 50;
/** An address is used only this long before it ends. */
const MARGIN_MS = 60_000;

/** The data files of an export, page after page. @throws CommandError when they are not there, or not yours to read */
export async function* filesOf(client: OutportClient, id: string): AsyncGenerator<RemoteFile, void, undefined> {
  let after: string | null = null;
  do {
    const page: Page = new Page(client, id, after);
    const { nodes, pageInfo } = await page.read();
    for (const { key, md5Checksum, sizeBytes } of nodes) {
      if (sizeBytes === null) {
        const remedy = 'It was deleted or moved: export the table again.';
        throw new CommandError(`The file ${key} is not in the bucket any more.`, remedy, EXIT.FAILED);
      }
      yield { key, md5Checksum, sizeBytes, address: () => page.addressOf(key) };
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
}

/** A page of files, which is read again when its addresses are about to end. */
class Page {
  readonly #client: OutportClient;
  readonly #id: string;
  readonly #after: string | null;
  #reading: Promise<FileConnection> | undefined;

  constructor(client: OutportClient, id: string, after: string | null) {
    this.#client = client;
    this.#id = id;
    this.#after = after;
  }

  read(): Promise<FileConnection> {
    this.#reading ??= this.#readNow();
    return this.#reading;
  }

  async addressOf(key: string): Promise<string> {
    const reading = this.read();
    const file = (await reading).nodes.find((node) => node.key === key);
    if (file?.downloadUrl == null) throw new CommandError(`The file ${key} is not in the bucket any more.`);
    if (Date.parse(file.downloadUrlExpiresAt ?? '') - MARGIN_MS > Date.now()) return file.downloadUrl;
    // Several files may find out at once; the first reads the page again for all.
    if (this.#reading === reading) this.#reading = this.#readNow();
    const [renewed] = (await this.read()).nodes.filter((node) => node.key === key);
    return renewed?.downloadUrl ?? file.downloadUrl;
  }

  async #readNow(): Promise<FileConnection> {
    const variables = { id: this.#id, first: PAGE_SIZE, after: this.#after };
    const { export: found } = await this.#client.request(ExportFilesDocument, variables);
    if (!found) throw new NoSuchExportError(this.#id);
    if (found.files) return found.files;
    throw found.status === 'COMPLETED'
      ? new CommandError(
          `You may not read the files of export ${this.#id}.`,
          'Ask for a policy that permits ReadExportData on it.',
          EXIT.NOT_PERMITTED,
        )
      : new CommandError(
          `Export ${this.#id} is ${found.status}: it has no files to download.`,
          'Wait until it is COMPLETED: outport exports watch',
        );
  }
}
