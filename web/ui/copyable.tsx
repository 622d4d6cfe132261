import { ActionIcon, type ActionIconProps, Box, Code, CopyButton, Tooltip } from '@mantine/core';
import { CheckIcon, CopyIcon } from '../app/icons.tsx';

interface CopyProps extends Pick<ActionIconProps, 'variant'> {
  readonly text: string;
  readonly what: string;
}

/** Copies a text, and says that it did. */
export function Copy({ text, what, variant = 'subtle' }: CopyProps) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`} openDelay={400}>
          <ActionIcon
            variant={variant}
            color={copied ? 'teal' : 'gray'}
            c={copied ? undefined : 'dimmed'}
            size="sm"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${what}`}
          >
            {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** Text to paste somewhere else, as it is. */
export function CodeBlock({ text, what }: Pick<CopyProps, 'text' | 'what'>) {
  return (
    <Box pos="relative">
      <Box pos="absolute" top={8} right={8}>
        <Copy text={text} what={what} variant="default" />
      </Box>
      {/* Scrolled by keyboard, too. */}
      <Code block p="md" pr={44} mah={420} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label={what}>
        {text}
      </Code>
    </Box>
  );
}
