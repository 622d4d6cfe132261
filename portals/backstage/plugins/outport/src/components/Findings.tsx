import { Alert, Flex } from '@backstage/ui';
import type { Preflight } from '@outport/backstage-plugin-outport-common';

/** What a check found, or why a request was refused: each with what to do about it. */
export function Findings({ preflight, error }: { preflight?: Preflight; error?: unknown }) {
  const open = preflight?.checks.filter(({ status }) => status !== 'PASSED') ?? [];
  return (
    <Flex direction="column" gap="2" role="status">
      {error !== undefined && (
        <Alert
          status="danger"
          icon
          title="The export was not started."
          description={error instanceof Error ? error.message : String(error)}
        />
      )}
      {open.map(({ code, status, message, remedy }) => (
        <Alert
          key={code}
          status={status === 'FAILED' ? 'danger' : 'warning'}
          icon
          title={message}
          description={remedy}
        />
      ))}
      {preflight?.ready && (
        <Alert status="success" icon title="Nothing speaks against this export." description={costOf(preflight)} />
      )}
    </Flex>
  );
}

function costOf({ estimates }: Preflight): string | undefined {
  return estimates ? `About ${estimates.cost.amount} ${estimates.cost.currency}. ${estimates.cost.note}` : undefined;
}
