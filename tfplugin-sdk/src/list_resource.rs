//! What an author writes for one list resource: how existing objects of a resource are found.
//!
//! Not here: when it is called (`terraform query`, Terraform 1.14), and what is checked around it (`engine`).

use std::future::Future;
use std::marker::PhantomData;

use tokio::sync::mpsc;

use crate::tf_type::Codec as _;
use crate::{Declaration, Dynamic, Operation, Report, Resource, Result};

/// What was found and waits to be sent; a search that finds more waits until some of it was.
const QUEUE: usize = 16;

/// What `#[derive(ListResource)]` makes of a struct beside its [`Declaration`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as a search for the objects of a resource",
    note = "put `#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]` and `#[tf(lists = ...)]` on the struct"
)]
pub trait ListModel: Declaration {
    /// The resource whose objects are found. It has an identity.
    type Resource: Resource;
}

/// A list resource: a search for the objects of a resource, whether Terraform made them or not. Its fields are what is
/// searched for. Needs Terraform 1.14, in `.tfquery.hcl` files.
///
/// ```
/// # use tfplugin_sdk::{Context, Resource, Result};
/// use tfplugin_sdk::{ListResource, Listing, Operation};
///
/// /// A shelf with books.
/// pub struct Shelf(Vec<Book>);
///
/// /// A book.
/// #[derive(Clone, Debug, PartialEq, Resource)]
/// #[tf(name = "shelf_book", identity(title))]
/// pub struct Book {
///     /// Its title.
///     #[tf(replace)]
///     pub title: String,
/// }
/// # impl Resource for Book {
/// #     type Api = Shelf;
/// #     async fn create(_: &mut Context<'_, Self>, plan: BookPlan) -> Result<Self> { Ok(Self { title: plan.title }) }
/// #     async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> { Ok(Some(state)) }
/// #     async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> { Ok(()) }
/// # }
///
/// /// Books by the beginning of their titles.
/// #[derive(Clone, Debug, PartialEq, ListResource)]
/// #[tf(lists = Book)]
/// pub struct Books {
///     /// What the titles begin with; all books without.
///     pub beginning: Option<String>,
/// }
///
/// impl ListResource for Books {
///     async fn list(operation: &mut Operation<'_, Shelf>, input: BooksInput, found: &mut Listing<Book>) -> Result<()> {
///         let beginning = input.beginning.unwrap_or_default();
///         for book in operation.api().0.iter().filter(|book| book.title.starts_with(&beginning)) {
///             if !found.state(&book.title, book.clone()).await {
///                 break;
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list resource of this provider",
    note = "`impl ListResource` for it says how the objects are found"
)]
pub trait ListResource: ListModel {
    /// Finds them, and puts each into `found` until no more are wanted.
    ///
    /// # Errors
    ///
    /// Why the search failed; shown to the user after what was found before.
    fn list(
        operation: &mut Operation<'_, <Self::Resource as Resource>::Api>,
        input: Self::Input,
        found: &mut Listing<Self::Resource>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Rules that concern several attributes. No network: it also runs when the provider is not configured.
    fn validate(config: &Self::Config, report: &mut Report) {
        let _ = (config, report);
    }
}

/// Takes what a search finds, one by one. Terraform gets each as it comes.
#[derive(Debug)]
pub struct Listing<R> {
    found: mpsc::Sender<Finding>,
    /// How many more are wanted.
    left: u64,
    wants_states: bool,
    of: PhantomData<fn() -> R>,
}

/// One object that was found.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) name: String,
    pub(crate) object: Object,
}

/// What is known of an object that was found.
#[derive(Debug)]
pub(crate) enum Object {
    /// What identifies it.
    Identity(Dynamic),
    /// The whole.
    State(Dynamic),
}

impl<R: Resource> Listing<R> {
    /// Of at most `limit` objects.
    pub(crate) fn new(limit: u64, wants_states: bool) -> (Self, mpsc::Receiver<Finding>) {
        let (found, findings) = mpsc::channel(QUEUE);
        (Self { found, left: limit, wants_states, of: PhantomData }, findings)
    }

    /// Whether whole states are wanted. Where a search has only identities, the SDK imports each object by its own.
    pub fn wants_states(&self) -> bool {
        self.wants_states
    }

    /// How many more objects are wanted.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// An object of which only the identity is at hand; `name` is for people. Whether more are wanted after it.
    pub async fn identity(&mut self, name: impl Into<String> + Send, identity: R::Identity) -> bool {
        self.put(name.into(), Object::Identity(identity.encode())).await
    }

    /// An object whose state is at hand; `name` is for people. Whether more are wanted after it.
    pub async fn state(&mut self, name: impl Into<String> + Send, state: R) -> bool {
        self.put(name.into(), Object::State(state.encode())).await
    }

    async fn put(&mut self, name: String, object: Object) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        // An error says that nobody listens any more.
        self.found.send(Finding { name, object }).await.is_ok() && self.left > 0
    }
}
