//! Where the intranet was found when it was last begun to be served: other commands put that before
//! the links that they print.

use super::StoreError;
use async_trait::async_trait;

/// Where the intranet is found.
#[async_trait]
pub trait ServedOrigin: Send + Sync {
    /// The scheme, the host and the port; nothing where nobody has served it yet.
    ///
    /// # Errors
    /// Where the store fails.
    async fn served(&self) -> Result<Option<String>, StoreError>;

    /// Notes where it is served from now on.
    ///
    /// # Errors
    /// Where the store fails.
    async fn serve_at(&self, origin: &str) -> Result<(), StoreError>;
}
