import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ScheduleLink as LinkRecord, ScheduleRecord } from '../records/schedule-records.ts';
import { schedulePosition } from '../records/schedule-records.ts';
import { changeSchedule, type ScheduleChange } from '../services/schedules/change-schedule.ts';
import { createSchedule } from '../services/schedules/create-schedule.ts';
import { judgeChain, listLinks, listSchedules, viewSchedule } from '../services/schedules/view-schedules.ts';
import { viewExport } from '../services/view.ts';
import { connectionOf, PageArgs, pageOf, toConnection } from './connection.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';
import {
  ChainVerdict,
  ChangeSchedulePayload,
  CreateScheduleInput,
  CreateSchedulePayload,
  Schedule,
  ScheduleInput,
  ScheduleLink,
  SchedulesArgs,
} from './schedule-types.ts';

const ScheduleConnection = connectionOf(Schedule, 'Schedule');
const ScheduleLinkConnection = connectionOf(ScheduleLink, 'ScheduleLink');
const LINK_NUMBER = /^[1-9]\d{0,8}$/;

@Resolver(() => Schedule)
export class ScheduleResolver {
  @Query(() => Schedule, {
    nullable: true,
    description: 'A schedule by its id; null when there is none or the viewer may not see it.',
  })
  schedule(
    @Arg('id', () => ID, { description: 'The id that `createSchedule` returned.' }) id: string,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Schedule | null> {
    return viewSchedule(outport, principal, id);
  }

  @Query(() => ScheduleConnection, {
    description: 'The schedules that the viewer may see and that are not deleted, the newest first.',
  })
  async schedules(@Args(() => SchedulesArgs) args: SchedulesArgs, @Ctx() { outport, principal }: RequestContext) {
    const tableArn = args.tableArn ?? null;
    const filter = { list: 'schedules', tableArn };
    const page = await listSchedules(outport, principal, tableArn, pageOf(args, filter));
    return toConnection(page, schedulePosition, filter);
  }

  @Mutation(() => CreateSchedulePayload, {
    description:
      'Keeps a table exported: a full export at once, then the changes of every window, each beginning where the one before it ends.',
  })
  createSchedule(
    @Arg('input', () => CreateScheduleInput, { description: 'What to export, how often, and where to.' })
    input: CreateScheduleInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<CreateSchedulePayload> {
    return createSchedule(outport, principal, origin, input);
  }

  @Mutation(() => ChangeSchedulePayload, {
    description: 'Lets a schedule make no further exports until it is resumed. One that is being made goes on.',
  })
  pauseSchedule(
    @Arg('input', () => ScheduleInput, { description: 'Which schedule.' }) input: ScheduleInput,
    @Ctx() context: RequestContext,
  ): Promise<ChangeSchedulePayload> {
    return change(context, 'PauseSchedule', input);
  }

  @Mutation(() => ChangeSchedulePayload, {
    description:
      'Lets a paused schedule go on where its chain ended, window by window; or with a full export, where that is too long ago.',
  })
  resumeSchedule(
    @Arg('input', () => ScheduleInput, { description: 'Which schedule.' }) input: ScheduleInput,
    @Ctx() context: RequestContext,
  ): Promise<ChangeSchedulePayload> {
    return change(context, 'ResumeSchedule', input);
  }

  @Mutation(() => ChangeSchedulePayload, {
    description: 'Ends a schedule for good. Its exports, their files and its entry in the audit stay.',
  })
  deleteSchedule(
    @Arg('input', () => ScheduleInput, { description: 'Which schedule.' }) input: ScheduleInput,
    @Ctx() context: RequestContext,
  ): Promise<ChangeSchedulePayload> {
    return change(context, 'DeleteSchedule', input);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description:
      'Up to when the chain at hand knows every change. Null: there is none, and the next link is a full export.',
  })
  chainedThrough(@Root() { chain }: ScheduleRecord): string | null {
    return chain.through;
  }

  @FieldResolver(() => ScheduleLinkConnection, {
    description: 'Its links, the newest first, those of earlier chains among them.',
  })
  async chain(
    @Root() schedule: ScheduleRecord,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { outport }: RequestContext,
  ) {
    const filter = { list: 'links', scheduleId: schedule.id };
    const page = await listLinks(outport, schedule, pageOf(args, filter, LINK_NUMBER));
    return toConnection(page, ({ number }) => String(number), filter);
  }

  @FieldResolver(() => ChainVerdict, { description: 'Whether the links of the chain at hand are what they promise.' })
  verdict(@Root() schedule: ScheduleRecord, @Ctx() { outport }: RequestContext): Promise<ChainVerdict> {
    return judgeChain(outport, schedule);
  }

  @FieldResolver({ description: 'Whether to offer `pauseSchedule`, `resumeSchedule` and `deleteSchedule`.' })
  viewerCanManage(@Root() schedule: ScheduleRecord, @Ctx() { outport, principal }: RequestContext): boolean {
    return schedule.status !== 'DELETED' && outport.permit(principal, { action: 'ManageSchedule', schedule }).allowed;
  }
}

@Resolver(() => ScheduleLink)
export class ScheduleLinkResolver {
  @FieldResolver(() => Export, {
    nullable: true,
    description: 'Its export. Null while there is none, and when the viewer may not see it.',
  })
  export(@Root() { exportId }: LinkRecord, @Ctx() { outport, principal }: RequestContext): Promise<Export | null> {
    return viewExport(outport, principal, exportId);
  }
}

const change = (
  { outport, principal, origin }: RequestContext,
  eventName: ScheduleChange,
  { id }: ScheduleInput,
): Promise<ChangeSchedulePayload> => changeSchedule(outport, principal, origin, eventName, id);
