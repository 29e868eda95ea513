//! List resources: validated, searched as far as somebody wants to know, each object with its identity.

use std::sync::Arc;

use tfplugin_sdk::testing::{Core, Hit, Search};
use tfplugin_sdk::{
    Context, Error, ListResource, Listing, Operation, Provider, ProviderConfig, Report, Resource, Result, Value, path,
};

use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A star.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_star", identity(number), import = "{number}")]
pub struct Star {
    /// Its number in the catalogue.
    #[tf(replace)]
    pub number: u32,
    /// Its name.
    pub name: Option<String>,
}

/// A catalogue with this many stars.
type Catalogue = Arc<u32>;

impl Resource for Star {
    type Api = Catalogue;

    async fn create(_: &mut Context<'_, Self>, plan: StarPlan) -> Result<Self> {
        Ok(Self { number: plan.number, name: plan.name })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    async fn import(_: &mut Context<'_, Self>, id: StarImport) -> Result<Option<Self>> {
        Ok(Some(star(id.number)).filter(|star| star.number != 13))
    }
}

fn star(number: u32) -> Star {
    Star { number, name: Some(format!("star {number}")) }
}

/// Stars of the catalogue.
#[derive(Clone, Debug, PartialEq, ListResource)]
#[tf(lists = Star)]
pub struct Stars {
    /// From which number on.
    #[tf(range(1..))]
    pub from: u32,
    /// Whether the catalogue is read star by star.
    pub slow: Option<bool>,
}

impl ListResource for Stars {
    async fn list(
        operation: &mut Operation<'_, Catalogue>,
        input: StarsInput,
        found: &mut Listing<Star>,
    ) -> Result<()> {
        let slow = input.slow.unwrap_or(false);
        operation.warn(path!(from), "An old catalogue", "");
        for number in input.from..=**operation.api() {
            let more = if slow {
                found.state(format!("star {number}"), star(number)).await
            } else {
                found.identity(format!("star {number}"), StarIdentity { number }).await
            };
            if number == 99 {
                return Err(Error::new("The page is torn out").at(path!(from)));
            }
            assert!(number != 77, "the ladder breaks");
            assert!(more || found.left() == 0 || number > 10, "somebody listens");
        }
        Ok(())
    }

    fn validate(config: &StarsConfig, report: &mut Report) {
        if config.from == Value::Known(7) {
            report.error(path!(from), "An unlucky number", "Begin elsewhere.");
        }
    }
}

async fn stars(count: u32) -> Search<Stars> {
    let catalogue = Arc::new(count);
    let provider = Provider::new::<Nothing, _>("sample/sky", move |_: NothingConfig| {
        let catalogue = catalogue.clone();
        async move { Ok(Some(catalogue)) }
    });
    let provider = provider.resource::<Star>().list_resource::<Stars>();
    Core::start::<_, Nothing>(provider, &NothingConfig {}).await.unwrap().list_resource()
}

fn from(from: u32) -> StarsConfig {
    StarsConfig { from: Value::Known(from), slow: Value::Null }
}

fn slowly(from: u32) -> StarsConfig {
    StarsConfig { slow: Value::Known(true), ..self::from(from) }
}

fn numbers(hits: &[Hit<Star>]) -> Vec<u32> {
    hits.iter().map(|hit| hit.identity.number).collect()
}

#[tokio::test]
async fn what_exists_is_found_with_its_identity_and_the_warnings_come_with_it() {
    let found = stars(3).await.all(&from(1)).await.unwrap();
    let second = Hit { name: "star 2".into(), identity: StarIdentity { number: 2 }, state: None };
    assert_eq!((numbers(&found.hits), &found.hits[1]), (vec![1, 2, 3], &second));
    assert_eq!(lines(&found.report), ["from: An old catalogue: "]);
    let nothing = stars(3).await.all(&from(4)).await.unwrap();
    assert_eq!((nothing.hits, lines(&nothing.report)), (Vec::new(), vec!["from: An old catalogue: ".to_owned()]));
}

#[tokio::test]
async fn whole_states_come_from_the_search_or_are_imported_where_it_has_only_identities() {
    for config in [from(1), slowly(1)] {
        let found = stars(3).await.with_states().all(&config).await.unwrap();
        let states: Vec<_> = found.hits.into_iter().map(|hit| hit.state).collect();
        assert_eq!(states, [Some(star(1)), Some(star(2)), Some(star(3))]);
        let found = stars(1).await.all(&config).await.unwrap();
        assert_eq!(found.hits[0].state, None, "what nobody wants is not sent");
    }
}

#[tokio::test]
async fn a_search_stops_where_no_more_is_wanted() {
    for config in [from(1), slowly(1)] {
        let found = stars(1_000).await.limit(20).all(&config).await.unwrap();
        assert_eq!(numbers(&found.hits), (1..=20).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_was_found_before_an_error_or_a_panic_is_kept() {
    let found = stars(200).await.all(&from(98)).await.unwrap();
    assert_eq!(numbers(&found.hits), [98, 99]);
    assert!(lines(&found.report).contains(&"from: The page is torn out: ".to_owned()), "{found:?}");
    let found = stars(200).await.all(&from(60)).await.unwrap();
    assert_eq!(numbers(&found.hits).last(), Some(&77));
    let said = lines(&found.report).join("\n");
    assert!(said.contains("searching for sample_star") && said.contains("the ladder breaks"), "{said}");
}

#[tokio::test]
async fn an_object_that_is_gone_when_it_is_read_ends_the_search_with_its_name() {
    // Far more are found after it than can wait: the search must learn that nobody takes them.
    let found = stars(70).await.with_states().all(&from(12)).await.unwrap();
    assert_eq!(numbers(&found.hits), [] as [u32; 0]);
    let said = lines(&found.report).join("\n");
    assert!(said.contains("An object vanished: \"star 13\" was found, and was gone when it was read."), "{said}");
}

#[tokio::test]
async fn rules_of_attributes_and_of_the_author_are_kept() {
    let stars = stars(3).await;
    assert!(lines(&stars.all(&from(0)).await.unwrap_err())[0].starts_with("from: Invalid value for `from`"));
    assert_eq!(lines(&stars.validate(&from(7))), ["from: An unlucky number: Begin elsewhere."]);
}

#[test]
#[should_panic(expected = "list resource sample_star: there is no resource sample_star with identity(...) to find")]
fn a_search_for_a_resource_that_is_not_there_is_found() {
    Provider::new::<Nothing, _>("sample/sky", |_: NothingConfig| async { Ok(Some(Catalogue::default())) })
        .list_resource::<Stars>()
        .assert_valid();
}
