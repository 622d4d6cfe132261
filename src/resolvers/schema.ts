import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { AuditResolver } from './audit-resolver.ts';
import { capturePubSub } from './capture-pub-sub.ts';
import { ExportDataResolver } from './export-data-resolver.ts';
import { ExportResolver } from './export-resolver.ts';
import { PreflightResolver } from './preflight-resolver.ts';
import { QueueResolver } from './queue-resolver.ts';
import { RetryResolver } from './retry-resolver.ts';
import { ScheduleLinkResolver, ScheduleResolver } from './schedule-resolver.ts';
import { TableResolver } from './table-resolver.ts';
import { VerifyResolver } from './verify-resolver.ts';
import { ViewerCanResolver, ViewerResolver } from './viewer-resolver.ts';

/** Builds the executable schema. Its text is `schema/schema.graphql`, which a test compares with it. */
export function createSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      ViewerResolver,
      ViewerCanResolver,
      ExportResolver,
      ExportDataResolver,
      TableResolver,
      ScheduleResolver,
      ScheduleLinkResolver,
      PreflightResolver,
      RetryResolver,
      VerifyResolver,
      QueueResolver,
      AuditResolver,
    ],
    pubSub: capturePubSub,
    // Inputs are parsed by the services, which report every error at once and with a remedy.
    validate: false,
    // A test does: checking it, by an introspection, took a tenth of the time in which a function starts.
    skipCheck: true,
  });
}
