//! Tables to a Market: sources, SQL mapping, validation, disclosure control
