//! The time limits that template and code share.

use serde::Deserialize;

/// The time limits of one deployment, in seconds. Template and code read the same numbers.
///
/// The lease, not the queue's visibility timeout, keeps two workers from posting the same record:
/// Odoo may commit after we stopped waiting, up to its own request limit. So a lease must outlast
/// the poster *and* Odoo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How long our HTTP client waits for Odoo's answer.
    pub odoo_read_seconds: u32,
    /// Odoo's own request limit (`limit_time_real`, 120 by default).
    pub odoo_limit_seconds: u32,
    /// For clocks that differ and answers that are under way.
    pub margin_seconds: u32,
    /// The posting function's timeout.
    pub post_timeout_seconds: u32,
    /// How long a worker owns a pending partition.
    pub lease_seconds: u32,
    /// The visibility timeout of the queues that wake the posting function.
    pub visibility_seconds: u32,
}

/// Limits under which a record could be posted by two workers at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeLimits {
    /// The function would be killed while it still waits for Odoo.
    #[error("odoo_read_seconds must be smaller than post_timeout_seconds")]
    ReadOutlastsPost,
    /// A second worker could start while Odoo still works on the first one's request.
    #[error(
        "lease_seconds must be at least post_timeout_seconds + odoo_limit_seconds + margin_seconds"
    )]
    LeaseTooShort,
    /// The queue would deliver the message again while the function still runs.
    #[error("visibility_seconds must be at least 6 × post_timeout_seconds")]
    VisibilityTooShort,
}

impl Limits {
    /// The one inequality: read < post timeout; lease ≥ post timeout + Odoo's limit + margin;
    /// visibility ≥ 6 × post timeout.
    pub const fn check(self) -> Result<Self, UnsafeLimits> {
        if self.odoo_read_seconds >= self.post_timeout_seconds {
            return Err(UnsafeLimits::ReadOutlastsPost);
        }
        if self.lease_seconds
            < self.post_timeout_seconds + self.odoo_limit_seconds + self.margin_seconds
        {
            return Err(UnsafeLimits::LeaseTooShort);
        }
        if self.visibility_seconds < 6 * self.post_timeout_seconds {
            return Err(UnsafeLimits::VisibilityTooShort);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAFE: Limits = Limits {
        odoo_read_seconds: 60,
        odoo_limit_seconds: 120,
        margin_seconds: 30,
        post_timeout_seconds: 90,
        lease_seconds: 240,
        visibility_seconds: 540,
    };

    #[test]
    fn each_side_of_the_inequality_is_held() {
        assert_eq!(SAFE.check(), Ok(SAFE));
        let read = Limits {
            odoo_read_seconds: 90,
            ..SAFE
        };
        let lease = Limits {
            lease_seconds: 239,
            ..SAFE
        };
        let visibility = Limits {
            visibility_seconds: 539,
            ..SAFE
        };
        assert_eq!(read.check(), Err(UnsafeLimits::ReadOutlastsPost));
        assert_eq!(lease.check(), Err(UnsafeLimits::LeaseTooShort));
        assert_eq!(visibility.check(), Err(UnsafeLimits::VisibilityTooShort));
    }
}
