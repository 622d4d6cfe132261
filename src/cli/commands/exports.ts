import { Command } from '@commander-js/extra-typings';
import { cancelExportCommand } from './cancel-export.ts';
import { downloadCommand } from './download.ts';
import { exportDdlCommand } from './export-ddl.ts';
import { listExportsCommand } from './list-exports.ts';
import { retryExportCommand } from './retry-export.ts';
import { showExportCommand } from './show-export.ts';
import { startExportCommand } from './start-export.ts';
import { verifyExportCommand } from './verify-export.ts';
import { watchExportCommand } from './watch-export.ts';

/** `outport exports`. */
export const exportsCommand = () =>
  new Command('exports')
    .summary('start, follow and use exports')
    .description('Starts exports of tables, follows them, and makes use of their files.')
    .addCommand(startExportCommand())
    .addCommand(watchExportCommand())
    .addCommand(listExportsCommand())
    .addCommand(showExportCommand())
    .addCommand(verifyExportCommand())
    .addCommand(cancelExportCommand())
    .addCommand(retryExportCommand())
    .addCommand(exportDdlCommand())
    .addCommand(downloadCommand());
