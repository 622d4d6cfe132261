import { Command } from '@commander-js/extra-typings';
import { changeScheduleCommands } from './change-schedule.ts';
import { createScheduleCommand } from './create-schedule.ts';
import { listSchedulesCommand } from './list-schedules.ts';
import { showScheduleCommand } from './show-schedule.ts';

/** `outport schedules`. */
export const schedulesCommand = () =>
  [createScheduleCommand(), listSchedulesCommand(), showScheduleCommand(), ...changeScheduleCommands()].reduce(
    (schedules, command) => schedules.addCommand(command),
    new Command('schedules')
      .summary('keep tables exported')
      .description('Keeps tables exported: all of a table once, then window after window without gap or overlap.'),
  );
