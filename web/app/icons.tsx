import type { ReactNode } from 'react';
import logo from '../outport.svg';

interface IconProps {
  /** In pixels. */
  readonly size?: number;
}

/** Drawn beside words, which say the same: screen readers pass over them. */
function icon(drawing: ReactNode) {
  return function Icon({ size = 18 }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {drawing}
      </svg>
    );
  };
}

export const TablesIcon = icon(
  <>
    <ellipse cx="12" cy="6" rx="7" ry="3" />
    <path d="M5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3" />
  </>,
);
export const ExportsIcon = icon(<path d="M4 14v4a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-4M12 15V4m-4 4 4-4 4 4" />);
export const AuditIcon = icon(<path d="M9 4h6v3H9zM15 5.5h3V21H6V5.5h3M9 12h6m-6 4h4" />);
export const LimitsIcon = icon(<path d="M4 17a8 8 0 1 1 16 0M12 17l4-6M12 17h.01" />);
export const SchedulesIcon = icon(<path d="M5 6.5h14V20H5zM5 10.5h14M9 4v4m6-4v4M9.5 15.2l1.8 1.8 3.2-3.5" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const CrossIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const QuestionIcon = icon(<path d="M9 9.2a3 3 0 1 1 4.2 2.7c-.8.4-1.2.9-1.2 1.8v.3M12 17.5h.01" />);
export const CopyIcon = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15H4V6a2 2 0 0 1 2-2h9v1" />
  </>,
);
export const DownloadIcon = icon(<path d="M12 4v11m-4-4 4 4 4-4M5 20h14" />);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6" />
    <path d="m20 20-4.5-4.5" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1m0 16v1M3 12h1m16 0h1M5.6 5.6l.7.7m11.4 11.4.7.7M5.6 18.4l.7-.7M17.7 6.3l.7-.7" />
  </>,
);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z" />);
export const PersonIcon = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20c.9-3.3 3.9-5 7.5-5s6.6 1.7 7.5 5" />
  </>,
);
export const FileIcon = icon(<path d="M7 3h7l4 4v14H7zM14 3v4h4" />);
export const RetryIcon = icon(<path d="M4.5 12a7.5 7.5 0 1 1 2.3 5.4M4.5 20v-3.5H8" />);
export const ShieldIcon = icon(<path d="M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6zM9 12l2.2 2.2L15.5 10" />);
export const LockIcon = icon(<path d="M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13z" />);
export const UnpluggedIcon = icon(
  <path d="m3 3 18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.4m5 0A10 10 0 0 1 19 12M12 19h.01" />,
);
export const ChevronIcon = icon(<path d="m9 6 6 6-6 6" />);

/** The mark of Outport: a table, and the way out of it. */
export function Logo({ size = 28 }: IconProps) {
  return <img src={logo} width={size} height={size} alt="" />;
}
