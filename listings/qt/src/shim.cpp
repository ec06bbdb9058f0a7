// The C++ side of the border: every call checks that its widget is still there, and throws if it is not.
#include "qt/src/shim.h"
#include "qt/src/border.rs.h"  // written by cxx: Callback::call and PostedCall::run
#include <QtCore/QEventLoop>
#include <QtCore/QSocketNotifier>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtGui/QCloseEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>
#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>

namespace untwisted_qt {

static QString in(rust::Str text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
static rust::String out(const QString& text) { return rust::String(text.toStdString()); }

// A slot that calls a Rust closure. Shared, since Qt copies slots and a Rust box cannot be copied.
static auto slot(rust::Box<Callback> call) {
    auto shared = std::make_shared<rust::Box<Callback>>(std::move(call));
    return [shared] { (*shared)->call(); };
}
static auto once(rust::Box<PostedCall> call) {
    auto shared = std::make_shared<rust::Box<PostedCall>>(std::move(call));
    return [shared] { (*shared)->run(); };
}

// --- the application -----------------------------------------------------------------------------

// Other threads post to `post_target`; the lock keeps it from going away under their hands.
static std::mutex post_target_lock;
static QObject* post_target = nullptr;

struct Application::Parts {  // destroyed from the last to the first
    explicit Parts(bool offscreen) : argc(offscreen ? 3 : 1) {}
    int argc;
    char name[10] = "untwisted";
    char option[10] = "-platform";
    char value[10] = "offscreen";
    char* argv[4] = {name, option, value, nullptr};
    QApplication application{argc, argv};  // keeps references to argc and argv, so they stand before it
    QObject post_target;
    QTimer timer;
    std::unique_ptr<QSocketNotifier> notifier;
};

Application::Application(bool offscreen) : parts(new Parts(offscreen)) {
    parts->timer.setSingleShot(true);
    parts->timer.setTimerType(Qt::PreciseTimer);  // a coarse one may be early by a twentieth
    std::lock_guard<std::mutex> guard(post_target_lock);
    post_target = &parts->post_target;
}
Application::~Application() {
    std::lock_guard<std::mutex> guard(post_target_lock);
    post_target = nullptr;
}
std::int32_t Application::exec() const { return QApplication::exec(); }
void Application::quit() const { QApplication::quit(); }
void Application::watch(std::int32_t descriptor, rust::Box<Callback> ready) const {
    parts->notifier = std::make_unique<QSocketNotifier>(descriptor, QSocketNotifier::Read);
    QObject::connect(parts->notifier.get(), &QSocketNotifier::activated, slot(std::move(ready)));
}
void Application::enable_watch(bool on) const {
    if (parts->notifier) parts->notifier->setEnabled(on);
}
void Application::on_timer(rust::Box<Callback> due) const {
    QObject::disconnect(&parts->timer, &QTimer::timeout, nullptr, nullptr);
    QObject::connect(&parts->timer, &QTimer::timeout, slot(std::move(due)));
}
void Application::arm_timer(std::int32_t milliseconds) const {
    milliseconds < 0 ? parts->timer.stop() : parts->timer.start(milliseconds);
}
void Application::call_soon(rust::Box<PostedCall> call) const {
    QMetaObject::invokeMethod(&parts->post_target, once(std::move(call)), Qt::QueuedConnection);
}
void Application::nested(std::int32_t milliseconds) const {
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
}
std::unique_ptr<Application> new_application(bool offscreen) { return std::make_unique<Application>(offscreen); }

bool post(rust::Box<PostedCall> call) {
    std::lock_guard<std::mutex> guard(post_target_lock);
    if (!post_target) return false;
    return QMetaObject::invokeMethod(post_target, once(std::move(call)), Qt::QueuedConnection);
}
rust::String platform() { return out(QGuiApplication::platformName()); }

// --- widgets -------------------------------------------------------------------------------------

// A window that tells when it is closed.
class Window : public QWidget {
public:
    std::shared_ptr<rust::Box<Callback>> closed;
    Window() { new QVBoxLayout(this); }

protected:
    void closeEvent(QCloseEvent* event) override {
        event->accept();
        if (auto call = closed) (*call)->call();  // a copy: the call may replace it
    }
};

// The widget as what it must be; throws what Rust turns into an error.
template <class T> T* Widget::as() const {
    if (widget.isNull()) throw std::runtime_error(std::string("the ") + kind + " is gone");
    if (auto* found = dynamic_cast<T*>(widget.data())) return found;
    throw std::logic_error(std::string("a ") + kind + " cannot do that");
}

// Inside a loop the widget may be the one that is being clicked, so it goes when its event is over.
static void remove(QWidget* widget) {
    widget->hide();
    if (QThread::currentThread()->loopLevel() > 0) widget->deleteLater();
    else delete widget;
}
Widget::~Widget() {
    // What stands in a window is the window's.
    if (owner && widget && !widget->parent()) remove(widget.data());
}
std::unique_ptr<Widget> Widget::window() const {
    auto* found = dynamic_cast<Window*>(as<QWidget>()->window());
    if (!found) throw std::logic_error(std::string("the ") + kind + " stands in no window");
    return std::make_unique<Widget>("window", found, false);
}
void Widget::destroy() const {
    auto* it = as<QWidget>();
    widget.clear();
    remove(it);
}

void Widget::set_text(rust::Str text) const {
    auto* it = as<QWidget>();
    if (auto* label = dynamic_cast<QLabel*>(it)) label->setText(in(text));
    else if (auto* button = dynamic_cast<QPushButton*>(it)) button->setText(in(text));
    else if (auto* line = dynamic_cast<QLineEdit*>(it)) line->setText(in(text));
    else if (auto* view = dynamic_cast<QPlainTextEdit*>(it)) view->setPlainText(in(text));
    else if (auto* bar = dynamic_cast<QProgressBar*>(it)) bar->setFormat(in(text));
    else it->setWindowTitle(in(text));
}
static QString text_of(QWidget* it) {
    if (auto* label = dynamic_cast<QLabel*>(it)) return label->text();
    if (auto* button = dynamic_cast<QPushButton*>(it)) return button->text();
    if (auto* line = dynamic_cast<QLineEdit*>(it)) return line->text();
    if (auto* view = dynamic_cast<QPlainTextEdit*>(it)) return view->toPlainText();
    if (auto* bar = dynamic_cast<QProgressBar*>(it)) return bar->text();
    if (auto* list = dynamic_cast<QListWidget*>(it)) return list->currentItem() ? list->currentItem()->text() : QString();
    return it->windowTitle();
}
rust::String Widget::text() const { return out(text_of(as<QWidget>())); }
void Widget::append(rust::Str text) const {
    auto* view = as<QPlainTextEdit>();
    view->moveCursor(QTextCursor::End);
    view->insertPlainText(in(text));
}
void Widget::set_enabled(bool on) const { as<QWidget>()->setEnabled(on); }
void Widget::set_progress(std::int32_t done, std::int32_t all) const {
    auto* bar = as<QProgressBar>();
    bar->setRange(0, all);  // 0 to 0 is Qt's sign for "busy, and it is not known how long"
    bar->setValue(done);
}
void Widget::add_item(rust::Str text) const { as<QListWidget>()->addItem(in(text)); }
void Widget::clear_items() const { as<QListWidget>()->clear(); }
void Widget::set_item(std::int32_t row, rust::Str text) const {
    auto* item = as<QListWidget>()->item(row);
    if (!item) throw std::out_of_range("the list has no row " + std::to_string(row));
    item->setText(in(text));
}
std::int32_t Widget::selected() const { return as<QListWidget>()->currentRow(); }

void Widget::stack(const Widget& child) const {
    auto* layout = as<QWidget>()->layout();
    if (!layout) throw std::logic_error(std::string("a ") + kind + " holds no other widgets");
    layout->addWidget(child.as<QWidget>());
}
void Widget::show() const { as<QWidget>()->show(); }
void Widget::close() const { as<QWidget>()->close(); }
void Widget::resize(std::int32_t width, std::int32_t height) const { as<QWidget>()->resize(width, height); }
bool Widget::grab(rust::Str path) const { return as<QWidget>()->grab().save(in(path)); }

void Widget::click() const { as<QPushButton>()->click(); }
void Widget::enter(rust::Str text) const {
    auto* line = as<QLineEdit>();
    line->setText(in(text));
    emit line->returnPressed();
}
void Widget::select(std::int32_t row) const { as<QListWidget>()->setCurrentRow(row); }

void Widget::on_event(rust::Box<Callback> call) const {
    auto* it = as<QWidget>();
    if (auto* button = dynamic_cast<QPushButton*>(it)) {
        QObject::disconnect(button, &QPushButton::clicked, nullptr, nullptr);
        QObject::connect(button, &QPushButton::clicked, slot(std::move(call)));
    } else if (auto* line = dynamic_cast<QLineEdit*>(it)) {
        QObject::disconnect(line, &QLineEdit::returnPressed, nullptr, nullptr);
        QObject::connect(line, &QLineEdit::returnPressed, slot(std::move(call)));
    } else if (auto* list = dynamic_cast<QListWidget*>(it)) {
        QObject::disconnect(list, &QListWidget::currentRowChanged, nullptr, nullptr);
        QObject::connect(list, &QListWidget::currentRowChanged, slot(std::move(call)));
    } else if (auto* window = dynamic_cast<Window*>(it)) {
        window->closed = std::make_shared<rust::Box<Callback>>(std::move(call));
    } else {
        throw std::logic_error(std::string("nothing happens to a ") + kind);
    }
}

// --- what can be seen ----------------------------------------------------------------------------

static const char* kind_of(QWidget* it) {
    if (dynamic_cast<QLabel*>(it)) return "label";
    if (dynamic_cast<QPushButton*>(it)) return "button";
    if (dynamic_cast<QLineEdit*>(it)) return "line edit";
    if (dynamic_cast<QListWidget*>(it)) return "list";
    if (dynamic_cast<QProgressBar*>(it)) return "progress bar";
    if (dynamic_cast<QPlainTextEdit*>(it)) return "text view";
    return it->isWindow() ? "window" : "box";
}
static void look(QWidget* it, rust::Vec<VisibleWidget>& seen) {
    if (!it || !it->isVisible()) return;
    QString text = text_of(it);
    if (auto* list = dynamic_cast<QListWidget*>(it)) {  // all of it, and not the chosen row alone
        QStringList rows;
        for (int row = 0; row < list->count(); ++row) rows << list->item(row)->text();
        text = rows.join('\n');
    }
    const QPoint corner = it->mapToGlobal(QPoint(0, 0));
    seen.push_back(VisibleWidget{rust::String(kind_of(it)), out(text), corner.x(), corner.y(), it->width(), it->height(), it->isEnabled()});
    if (auto* layout = it->layout())
        for (int n = 0; n < layout->count(); ++n) look(layout->itemAt(n)->widget(), seen);
}
rust::Vec<VisibleWidget> Application::shown() const {
    auto windows = QApplication::topLevelWidgets();  // in no order
    std::sort(windows.begin(), windows.end(), [](auto* a, auto* b) { return a->windowTitle() < b->windowTitle(); });
    rust::Vec<VisibleWidget> seen;
    for (auto* window : windows) look(window, seen);
    return seen;
}

// --- making them ---------------------------------------------------------------------------------

static QWidget* box() {
    auto* widget = new QWidget;
    auto* layout = new QHBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    return widget;
}

std::unique_ptr<Widget> new_widget(rust::Str kind, rust::Str text) {
    std::unique_ptr<Widget> made;
    if (kind == "window") made = std::make_unique<Widget>("window", new Window);
    else if (kind == "label") {
        // Text from elsewhere is text: left to itself, a label takes what looks like HTML for HTML.
        auto* label = new QLabel;
        label->setTextFormat(Qt::PlainText);
        made = std::make_unique<Widget>("label", label);
    }
    else if (kind == "button") made = std::make_unique<Widget>("button", new QPushButton);
    else if (kind == "line edit") made = std::make_unique<Widget>("line edit", new QLineEdit);
    else if (kind == "list") made = std::make_unique<Widget>("list", new QListWidget);
    else if (kind == "progress bar") made = std::make_unique<Widget>("progress bar", new QProgressBar);
    else if (kind == "text view") {
        auto* view = new QPlainTextEdit;
        view->setReadOnly(true);
        made = std::make_unique<Widget>("text view", view);
    } else made = std::make_unique<Widget>("box", box());
    if (!text.empty()) made->set_text(text);
    return made;
}

}  // namespace untwisted_qt
