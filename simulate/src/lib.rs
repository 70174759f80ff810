//! Markets with a known truth: their tables, and what any plan would really have earned
