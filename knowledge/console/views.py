"""Lists and forms of the three kinds of record."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui.tables import UpdatedAtColumn
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    IndexView,
    RevisionsUnscheduleView,
    SnippetViewSet,
    SnippetViewSetGroup,
    UnpublishView,
)

from knowledge.console.choosers import RecordChooserViewSet
from knowledge.console.models import Article, DirectoryEntry, LegalDocument
from knowledge.console.warnings import warnings_of
from knowledge.console.words import words
from knowledge.lint.copies import fold

LONG = {"body", "folded", "seed_text", "seed_base"}


class NoDirectPublishing:
    """Publishing is for the review alone, whoever asks and whatever is posted."""

    request: HttpRequest

    def get_available_actions(self) -> list[str]:
        """Return what may be done, without publishing."""
        actions: list[str] = super().get_available_actions()  # type: ignore[misc]
        return [action for action in actions if action != "publish"]


class Warned:
    """Says after a saving what is doubtful about an article."""

    request: HttpRequest

    def save_action(self) -> Any:
        """Add the warnings to what is said."""
        answer = super().save_action()  # type: ignore[misc]
        saved: Any = self.object  # type: ignore[attr-defined]
        for warning in warnings_of(saved) if isinstance(saved, Article) else ():
            url = AdminURLFinder().get_edit_url(warning.row) if warning.row else ""
            look = words()["warnings"]["look"]
            buttons = [messages.button(url, look, new_window=True)] if url else []
            messages.warning(self.request, warning.text, buttons=buttons)
        return answer


class RecordCreateView(Warned, NoDirectPublishing, CreateView):
    """A new record; it begins as a draft."""


class RecordEditView(Warned, NoDirectPublishing, EditView):
    """The form; a review is not a change, a change is not a review."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Never write over an earlier revision: each saving is a new one."""
        posted = request.POST.copy()
        posted.pop("overwrite_revision_id", None)
        request.POST = posted
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Decide on the text submitted, or save; what is saved is reviewed anew."""
        self.form = form
        if self.action != "workflow-action":
            return super().form_valid(form)
        if form.has_changed():
            text = _("You changed the text. Save it as a draft: it is reviewed anew.")
            messages.error(self.request, text)
            return self.render_to_response(self.get_context_data(form=form))
        self.object = self.get_object()
        self.has_content_changes = False
        return self.workflow_action_action() or self.save_action()

    def save_instance(self) -> Any:
        """Save; under review this starts the review again, with a new author."""
        under_review = self.object.workflow_in_progress
        state = self.object.current_workflow_state
        instance = super().save_instance()
        if under_review and self.action not in ("cancel-workflow", "restart-workflow"):
            state.cancel(user=self.request.user)
            instance.get_workflow().start(instance, self.request.user)
        return instance

    def submit_action(self) -> Any:
        """Send to review; what saving has sent already is not sent twice."""
        if self.object.workflow_in_progress:
            return None
        return super().submit_action()


class RecordIndexView(IndexView):
    """The list; words are found with and without marks."""

    def get_base_queryset(self) -> Any:
        """Leave long texts in the database: no column shows them."""
        names = {field.name for field in self.model._meta.concrete_fields}
        return super().get_base_queryset().defer(*(LONG & names))

    def search_queryset(self, queryset: Any) -> Any:
        """Keep the rows that hold every word."""
        if not self.is_searching:
            return queryset
        query = Q()
        for word in fold(self.search_query).split():
            query &= Q(folded__contains=word)
        return queryset.filter(query)


class WithdrawView(UnpublishView):
    """Taking a record from the bot is safe, so one reviewer may."""

    permission_required = "withdraw"


class UnscheduleView(RevisionsUnscheduleView):
    """Taking back a date of publication."""

    permission_required = "withdraw"


class RecordViewSet(SnippetViewSet):
    """What the three kinds share."""

    add_view_class = RecordCreateView
    edit_view_class = RecordEditView
    index_view_class = RecordIndexView
    unpublish_view_class = WithdrawView
    revisions_unschedule_view_class = UnscheduleView
    search_fields = ["folded"]
    chooser_viewset_class = RecordChooserViewSet
    copy_view_enabled = False
    list_per_page = 30


def _publishing() -> ObjectList:
    # Wagtail's own dialog for this is for people who may publish directly.
    dates = FieldRowPanel([FieldPanel("go_live_at"), FieldPanel("expire_at")])
    return ObjectList([dates], heading=gettext_lazy("Schedule"))


class ArticleViewSet(RecordViewSet):
    """Articles."""

    model = Article
    icon = "doc-full"
    url_prefix = "bai-viet"
    list_display = ["title", "get_topic_display", "review_by", UpdatedAtColumn()]
    list_filter = ["topic", "audience", "live", "has_unpublished_changes"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("title"),
                    FieldPanel("body"),
                    InlinePanel(
                        "questions",
                        heading=gettext_lazy("Example questions"),
                        label=gettext_lazy("Question"),
                        min_num=1,
                    ),
                ],
                heading=gettext_lazy("Content"),
            ),
            ObjectList(
                [
                    InlinePanel(
                        "citations",
                        heading=gettext_lazy("Citations"),
                        label=gettext_lazy("Citation"),
                        min_num=1,
                        panels=[FieldPanel("document"), FieldPanel("where")],
                    )
                ],
                heading=gettext_lazy("Legal basis"),
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("topic"), FieldPanel("audience")]),
                    FieldRowPanel(
                        [
                            FieldPanel("valid_from"),
                            FieldPanel("valid_to"),
                            FieldPanel("review_by"),
                        ]
                    ),
                    FieldPanel("provinces"),
                    FieldPanel("related"),
                    InlinePanel(
                        "lines",
                        heading=gettext_lazy("Hotlines below the article"),
                        label=gettext_lazy("Hotline"),
                    ),
                    FieldPanel("uid"),
                ],
                heading=gettext_lazy("Classification and dates"),
            ),
            _publishing(),
        ]
    )


class DocumentViewSet(RecordViewSet):
    """Legal documents."""

    model = LegalDocument
    icon = "folder-open-inverse"
    url_prefix = "van-ban"
    list_display = ["number", "short_title", "get_status_display", UpdatedAtColumn()]
    list_filter = ["status", "kind", "live"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("number"),
                    FieldPanel("title"),
                    FieldPanel("short_title"),
                    FieldRowPanel([FieldPanel("kind"), FieldPanel("issuer")]),
                    FieldRowPanel(
                        [FieldPanel("issued_on"), FieldPanel("effective_on")]
                    ),
                    FieldRowPanel([FieldPanel("status"), FieldPanel("superseded_by")]),
                    FieldPanel("note"),
                    FieldPanel("source"),
                    FieldPanel("url"),
                    FieldPanel("checked_on"),
                ],
                heading=gettext_lazy("Content"),
            ),
            _publishing(),
        ]
    )


class DirectoryViewSet(RecordViewSet):
    """Hotlines."""

    model = DirectoryEntry
    icon = "mobile-alt"
    url_prefix = "danh-ba"
    list_display = ["name", "number", "province", "checked_on", UpdatedAtColumn()]
    list_filter = ["kind", "province", "confidence", "live"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("name"),
                    FieldRowPanel([FieldPanel("number"), FieldPanel("tel")]),
                    FieldRowPanel([FieldPanel("kind"), FieldPanel("province")]),
                    FieldPanel("covers"),
                    FieldRowPanel([FieldPanel("hours"), FieldPanel("cost")]),
                    FieldPanel("operator"),
                    MultiFieldPanel(
                        [
                            FieldPanel("source"),
                            FieldRowPanel(
                                [FieldPanel("confidence"), FieldPanel("checked_on")]
                            ),
                            FieldPanel("note"),
                        ],
                        heading=gettext_lazy("Check"),
                    ),
                    FieldPanel("uid"),
                ],
                heading=gettext_lazy("Content"),
            ),
            _publishing(),
        ]
    )


class KnowledgeGroup(SnippetViewSetGroup):
    """The three kinds in the menu, each an entry of its own."""

    items = (ArticleViewSet, DocumentViewSet, DirectoryViewSet)
    menu_label = gettext_lazy("Knowledge")
    menu_icon = "openquote"
    menu_order = 100
