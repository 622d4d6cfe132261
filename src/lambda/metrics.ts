/** Every metric of ours, with its unit. docs/operations.md says what each tells. */
const UNITS = {
  ExportsInFlight: 'Count',
  ExportsQueued: 'Count',
  ExportsOverdue: 'Count',
  OldestQueuedSeconds: 'Seconds',
  ReconcileLagSeconds: 'Seconds',
  AuditLagSeconds: 'Seconds',
  ExportsCompleted: 'Count',
  ExportsFailed: 'Count',
  ExportsCanceled: 'Count',
  ExportDurationSeconds: 'Seconds',
  Refusals: 'Count',
  EventsUnsent: 'Count',
  WebhookEventsTaken: 'Count',
  WebhookEventsRefused: 'Count',
  WebhookEventsGivenUp: 'Count',
  WebhooksParked: 'Count',
} as const;

export type MetricName = keyof typeof UNITS;

/** Tells CloudWatch numbers. */
export interface Metrics {
  /** @param dimension what to count by, beside the total; of few values, as each is a metric of its own */
  put(
    values: Readonly<Partial<Record<MetricName, number>>>,
    dimension?: { readonly name: string; readonly value: string },
  ): void;
}

/**
 * Metrics in the embedded format (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html):
 * lines of the log that CloudWatch takes numbers from. They cost no call, and are not lost with the process.
 * @param namespace such as `Outport/prod`: stages of one account are kept apart
 */
export function createMetrics(namespace: string, now: () => Date): Metrics {
  return {
    put(values, dimension) {
      const names = Object.keys(values) as MetricName[];
      const line = {
        _aws: {
          Timestamp: now().getTime(),
          CloudWatchMetrics: [
            {
              Namespace: namespace,
              Dimensions: dimension ? [[], [dimension.name]] : [[]],
              Metrics: names.map((name) => ({ Name: name, Unit: UNITS[name] })),
            },
          ],
        },
        ...values,
        ...(dimension && { [dimension.name]: dimension.value }),
      };
      console.log(JSON.stringify(line));
    },
  };
}
