import { z } from 'zod/v3';

/** What may be asked for in an export: `ExportTableInput` of Outport's API, which says what each field means and checks it. */
export const exportRequestSchema = z.object({
  destination: z
    .object({
      bucket: z.string().min(1).describe('Name of the bucket to write to'),
      bucketOwner: z.string().optional().describe("Account that owns the bucket; left out, the table's account"),
      prefix: z.string().optional().describe('What the keys shall start with'),
      encryption: z
        .object({ algorithm: z.enum(['AES256', 'KMS']), kmsKeyId: z.string().optional() })
        .strict()
        .optional()
        .describe('How the files shall be encrypted; left out, AES256'),
    })
    .strict(),
  exportFormat: z.enum(['DYNAMODB_JSON', 'ION']).optional().describe('Left out, DYNAMODB_JSON'),
  exportTime: z
    .string()
    .optional()
    .describe('The moment to export, a whole second such as 2026-11-23T08:00:00Z; left out, now'),
  exportType: z.enum(['FULL_EXPORT', 'INCREMENTAL_EXPORT']).optional().describe('Left out, FULL_EXPORT'),
  incrementalExport: z
    .object({
      exportFromTime: z.string(),
      exportToTime: z.string().optional(),
      exportViewType: z.enum(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']).optional(),
    })
    .strict()
    .optional()
    .describe('The window of an INCREMENTAL_EXPORT'),
});

export type ExportRequest = z.infer<typeof exportRequestSchema>;
